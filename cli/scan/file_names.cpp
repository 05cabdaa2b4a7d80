#include "cli/scan/file_names.hpp"

#include "core/error.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace caplet {
namespace {

bool is_directory(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

/// Whether a path names a pipe or a device, which may have no end, and does not say so, as a descriptor's does.
bool may_never_end(const std::string& path) {
  constexpr std::array<std::string_view, 3> k_descriptors{"/dev/fd/", "/dev/stdin", "/proc/self/fd/"};
  struct stat status {};
  return path != "/dev/null" && ::stat(path.c_str(), &status) == 0 &&
         (S_ISFIFO(status.st_mode) || S_ISCHR(status.st_mode)) &&
         std::none_of(k_descriptors.begin(), k_descriptors.end(),
                      [&](std::string_view each) { return path.starts_with(each); });
}

/// What stands before the paths in a tree: nothing for the working directory itself.
std::string before_paths_in(std::string top) {
  while (top.size() > 1 && top.ends_with('/')) {
    top.pop_back();
  }
  return top == "." ? "" : top == "/" ? top : top + "/";
}

bool name_tree(const Environment& environment, const FilesWanted& wanted, const std::string& top, ScanPool& pool) {
  std::shared_ptr<const Beneath> beneath;
  try {
    beneath = std::make_shared<const Beneath>(top);
  } catch (const Error& e) {
    return pool.tell({top, {}, e.what(), {}});
  }
  const std::string before = before_paths_in(top);
  const auto shown = [&](const std::string& path) { return path.empty() ? top : before + path; };
  bool go_on = true;
  TreeWalk::Visitor visitor;
  visitor.file = [&](const std::string& path) {
    return go_on = pool.add({shown(path), beneath, path, wanted.largest_binary});
  };
  visitor.unreadable = [&](const std::string& path, const std::string& problem) {
    return go_on = pool.tell({shown(path), {}, problem, {}});
  };
  visitor.warning = [&](const std::string& path, const std::string& warning) {
    return go_on = pool.tell({shown(path), {}, {}, warning});
  };
  TreeWalk(environment, top, beneath, wanted.ignored, wanted.excluded, std::move(visitor)).walk();
  return go_on;
}

} // namespace

void name_files(const Environment& environment, const FilesWanted& wanted, ScanPool& pool) {
  const auto name = [&](const std::string& path) {
    if (path != "-" && is_directory(path)) {
      return name_tree(environment, wanted, path, pool);
    }
    if (path != "-" && may_never_end(path)) {
      return pool.tell({path, {}, "it is neither a file nor a directory (scan - reads standard input)", {}});
    }
    return pool.add({path, nullptr, path, k_any_size});
  };
  for (const std::string& path : wanted.paths) {
    if (!name(path)) {
      return;
    }
  }
}

} // namespace caplet
