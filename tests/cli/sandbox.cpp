#include "tests/cli/sandbox.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <system_error>

namespace caplet::test {
namespace {

namespace fs = std::filesystem;

fs::path make_temporary() {
  std::string name = (fs::temp_directory_path() / "caplet-test-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) {
    throw std::system_error(errno, std::generic_category(), name);
  }
  return fs::canonical(name);
}

std::string describe_one(const fs::path& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) {
    return "missing";
  }
  std::ostringstream out;
  out << std::oct << status.st_mode << std::dec << ' ' << status.st_nlink << ' ';
  if (S_ISREG(status.st_mode)) {
    out << status.st_size << ' ' << read_file(path);
  } else if (S_ISLNK(status.st_mode)) {
    out << fs::read_symlink(path).string();
  }
  return out.str();
}

} // namespace

Sandbox::Sandbox() : m_root(make_temporary()) {
  for (const char* each : {"work", "home", "bin"}) {
    fs::create_directory(m_root / each);
  }
  fs::create_symlink(CAPLET_BINARY, m_root / "bin" / "caplet");
  environment = {{"PATH", (m_root / "bin").string() + ":/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"},
                 {"HOME", home().string()},
                 {"TZ", "UTC"},
                 {"LANG", "C.UTF-8"}};
  for (const char* each :
       {"ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"}) { // how the tests are run, not what is tested
    if (const char* value = std::getenv(each)) {
      environment[each] = value;
    }
  }
}

Sandbox::~Sandbox() {
  std::error_code ignored;
  fs::remove_all(m_root, ignored);
}

Launch Sandbox::caplet(const std::vector<std::string>& arguments) const {
  Launch what;
  what.program = CAPLET_BINARY;
  what.words = {"caplet"};
  what.words.insert(what.words.end(), arguments.begin(), arguments.end());
  what.environment = environment;
  what.directory = work();
  return what;
}

Launch Sandbox::shell(const std::string& command) const {
  Launch what;
  what.program = "/bin/sh";
  what.words = {"sh", "-c", command};
  what.environment = environment;
  what.directory = work();
  return what;
}

std::string describe_tree(const fs::path& top) {
  std::vector<fs::path> paths{top};
  if (fs::is_directory(fs::symlink_status(top))) {
    std::copy(fs::recursive_directory_iterator(top), {}, std::back_inserter(paths));
  }
  std::sort(paths.begin(), paths.end());
  std::string out;
  for (const fs::path& path : paths) {
    out += path.lexically_relative(top).string() + ": " + describe_one(path) + "\n";
  }
  return out;
}

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

} // namespace caplet::test
