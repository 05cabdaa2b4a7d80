#include "cli/scan/beneath.hpp"
#include "tests/cli/sandbox.hpp"

#include <catch2/catch.hpp>
#include <fcntl.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

namespace caplet::test {

TEST_CASE("a tree is left by no link", "[scan]") {
  namespace fs = std::filesystem;
  const Sandbox sandbox;
  const fs::path top = sandbox.work() / "top";
  fs::create_directories(top / "a" / "b");
  fs::create_directories(sandbox.work() / "outside");
  std::ofstream(sandbox.work() / "outside" / "file") << "x";
  std::ofstream(top / "a" / "file") << "x";
  // What a tree can be turned into between the listing of a directory and the opening of what is in it.
  fs::create_directory_symlink(sandbox.work() / "outside", top / "absolute");
  fs::create_directory_symlink("../../outside", top / "a" / "up");
  fs::create_directory_symlink("a", top / "within");
  fs::create_symlink("file", top / "a" / "link");
  const Beneath beneath(top.string());

  CHECK(beneath.open("a/file").is_open());
  CHECK(beneath.open(".", O_DIRECTORY).is_open());
  CHECK(beneath.open("a/b", O_DIRECTORY).is_open());
  for (const char* path : {"absolute/file", "a/up/file", "within/file", "a/link", "within"}) {
    CAPTURE(path);
    CHECK_FALSE(beneath.open(path).is_open());
    CHECK(errno == ELOOP);
  }
  CHECK_FALSE(beneath.open("../outside/file").is_open());
  CHECK_FALSE(beneath.open((sandbox.work() / "outside" / "file").string()).is_open());
  CHECK_FALSE(beneath.open("gone").is_open());
}

} // namespace caplet::test
