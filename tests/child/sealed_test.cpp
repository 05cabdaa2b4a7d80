#include "cli/child/exit_status.hpp"
#include "tests/child/support.hpp"

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <utility>

namespace caplet::test {
namespace {

namespace fs = std::filesystem;

const std::string k_ours = "#!/bin/sh\necho ours\n";
const std::string k_foreign = "#!/bin/sh\necho evil\n"; // as long: an overwritten byte is enough

void put(const fs::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
  ::chmod(path.c_str(), 0700);
}

/// Somebody who rewrites, renames and links the file as fast as they can, until this object dies.
class Attacker {
public:
  explicit Attacker(const fs::path& directory) : m_pid(::fork()) {
    if (m_pid == 0) {
      attack(directory / "program", directory / "evil", directory / "spare");
    }
  }
  Attacker(const Attacker&) = delete;
  Attacker& operator=(const Attacker&) = delete;
  ~Attacker() {
    ::kill(m_pid, SIGKILL);
    ::waitpid(m_pid, nullptr, 0);
  }

private:
  [[noreturn]] static void attack(const fs::path& program, const fs::path& evil, const fs::path& spare) {
    const auto restore = [&] {
      put(spare, k_ours);
      ::rename(spare.c_str(), program.c_str());
      ::usleep(300);
    };
    for (;;) {
      const int fd = ::open(program.c_str(), O_WRONLY);
      [[maybe_unused]] const auto written = ::pwrite(fd, k_foreign.data(), k_foreign.size(), 0); // in place
      ::close(fd);
      ::usleep(300);
      restore();
      put(spare, k_foreign);
      ::rename(spare.c_str(), program.c_str());
      ::usleep(300);
      restore();
      ::unlink(spare.c_str());
      ::symlink(evil.c_str(), spare.c_str());
      ::rename(spare.c_str(), program.c_str());
      ::usleep(300);
      restore();
    }
  }
  pid_t m_pid;
};

class Place {
public:
  Place() {
    std::string name = (fs::temp_directory_path() / "caplet-child-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    m_path = name;
    put(program(), k_ours);
    put(m_path / "evil", k_foreign);
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() { fs::remove_all(m_path); }
  fs::path program() const { return m_path / "program"; }
  const fs::path& path() const { return m_path; }

private:
  fs::path m_path;
};

/// What most tools do: look at the file, then run what its path leads to.
std::string check_and_run_by_path(const fs::path& path) {
  try {
    if (sha256(read_program(path.string())) != sha256(as_bytes(k_ours))) {
      return "refused";
    }
  } catch (const NotRun&) {
    return "refused";
  }
  std::FILE* pipe = ::popen((path.string() + " 2>/dev/null").c_str(), "r");
  std::array<char, 64> line{};
  const std::size_t got = std::fread(line.data(), 1, line.size(), pipe);
  ::pclose(pipe);
  return {line.data(), got};
}

} // namespace

TEST_CASE("the sealed bytes run, whatever becomes of the file they came from") {
  const Place place;
  const SealedProgram program("program", as_bytes(k_ours), sha256(as_bytes(k_ours)));
  const Attacker attacker(place.path());
  int foreign = 0;
  const int runs = rounds(334);
  for (int i = 0; i < runs; ++i) {
    try { // read while it is attacked: either it is refused, or it is ours that runs
      const SealedProgram fresh("program", read_program(place.program().string()), sha256(as_bytes(k_ours)));
      foreign += play(fresh, {"program"}).output == "ours\n" ? 0 : 1;
    } catch (const NotRun&) {
      foreign += play(program, {"program"}).output == "ours\n" ? 0 : 1;
    }
  }
  CHECK(foreign == 0);
  WARN("runs under attack: " << runs << ", foreign: " << foreign);
}

TEST_CASE("the same attack succeeds where a path is checked and then run") {
  const Place place;
  const Attacker attacker(place.path());
  int foreign = 0;
  for (int i = 0; i < 5000 && foreign == 0; ++i) {
    foreign += check_and_run_by_path(place.program()) == "evil\n" ? 1 : 0;
  }
  CHECK(foreign > 0);
}

TEST_CASE("what was sealed cannot be changed by anybody who holds it") {
  const SealedProgram program("program", as_bytes(k_ours), sha256(as_bytes(k_ours)));
  const int fd = program.descriptor();
  CHECK(::pwrite(fd, "x", 1, 0) == -1);
  CHECK(::ftruncate(fd, 1) == -1);
  CHECK(::ftruncate(fd, 1000) == -1);
  CHECK(::mmap(nullptr, 1, PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED);
  CHECK(::fcntl(fd, F_ADD_SEALS, 0) == -1);
  const Fd again(::open(("/proc/self/fd/" + std::to_string(fd)).c_str(), O_RDWR));
  CHECK(::pwrite(again.get(), "x", 1, 0) == -1);
}

TEST_CASE("other bytes than those expected are not sealed") {
  try {
    const SealedProgram program("program", as_bytes(k_foreign), sha256(as_bytes(k_ours)));
    FAIL("they were");
  } catch (const NotRun& e) {
    CHECK(e.exit_status() == k_not_executable);
  }
}

TEST_CASE("a pinned interpreter runs from its own sealed copy, or not at all") {
  const std::string shell = fs::canonical("/bin/sh").string();
  const Digest digest = sha256(read_program(shell));
  const auto interpreter = SealedProgram::of_file(shell, digest);
  // `-e` stops at `false`, so the argument of the first line is seen to reach it.
  const auto script = seal_script("#!/bin/sh -e\necho \"$0 $1 $(readlink /proc/$$/exe)\"\nfalse\necho not here\n");
  FunctionImage image = image_of(script, {"script", "argument"});
  image.interpreter = &interpreter;
  const auto played = play(image);
  CHECK(played.output == "/dev/fd/3 argument /memfd:" + shell + " (deleted)\n");
  CHECK(played.end.exit_status == 1);
  Digest other = digest;
  other[0] ^= 1U;
  CHECK_THROWS_AS(SealedProgram::of_file(shell, other), NotRun);
}

TEST_CASE("a script is read from its beginning, by whatever interprets it") {
  const std::array<std::pair<const char*, const char*>, 5> scripts{
      {{"/bin/sh", "echo read $1\n"},
       {"/usr/bin/perl", "print \"read $ARGV[0]\\n\";\n"},
       {"/usr/bin/env -S perl -w", "print \"read $ARGV[0]\\n\";\n"},
       {"/usr/bin/python3", "import sys\nprint('read', sys.argv[1])\n"},
       {"/usr/bin/env python3", "import sys\nprint('read', sys.argv[1])\n"}}};
  for (const auto& [interpreter, text] : scripts) {
    CAPTURE(interpreter);
    const auto script = seal_script(fmt::format("#!{}\n{}", interpreter, text));
    for (int time = 0; time < 2; ++time) { // the second finds the descriptor where the first left it
      const auto played = play(script, {"script", "argument"});
      CHECK(played.output == "read argument\n");
      CHECK(played.end.exit_status == 0);
    }
  }
  const std::string perl = fs::canonical("/usr/bin/perl").string();
  const auto interpreter = SealedProgram::of_file(perl, sha256(read_program(perl)));
  const auto script = seal_script("#!" + perl + " -w\nprint \"read $ARGV[0]\\n\";\n");
  FunctionImage image = image_of(script, {"script", "argument"});
  image.interpreter = &interpreter;
  const auto played = play(image);
  CHECK(played.output == "read argument\n");
}

TEST_CASE("the first line of a script is read as Linux reads it") {
  const auto read = [](const std::string& text) {
    const auto shebang = shebang_of(as_bytes(text));
    return shebang ? shebang->path + "|" + shebang->argument : "none";
  };
  CHECK(read("#!/bin/sh\n") == "/bin/sh|");
  CHECK(read("#! /bin/sh -e \nx") == "/bin/sh|-e");
  CHECK(read("#!\t/usr/bin/env  -S python3 -u\n") == "/usr/bin/env|-S python3 -u");
  CHECK(read("#!/bin/sh") == "/bin/sh|");
  CHECK(read("#!\n") == "none");
  CHECK(read("#!") == "none");
  CHECK(read("") == "none");
  CHECK(read("\x7f"
             "ELF") == "none");
  CHECK(read(" #!/bin/sh\n") == "none");
}

} // namespace caplet::test
