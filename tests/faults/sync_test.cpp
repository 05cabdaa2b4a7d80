// What a command says it has done must be on the disk by then: every file it wrote synced, before it got its name and
// in the end, and so every name that it made or removed.

#include "tests/faults/trial.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <set>
#include <sstream>

using namespace caplet::test;

namespace {

/// Follows the calls of a command, and knows what a power cut could still take away.
class Unsynced {
public:
  void follow(const std::string& call) {
    std::istringstream in(call);
    std::string name;
    std::string path;
    in >> name >> path;
    if (path.find("/anchor") != std::string::npos || path.find(".reserve") != std::string::npos) {
      return; // an older anchor or another reserve does no harm: nobody waits for them
    }
    if (path.starts_with("/memfd:") || path.starts_with("pipe:")) {
      return;
    }
    const std::string directory = std::filesystem::path(path).parent_path();
    if (name == "write" || name == "pwrite" || name == "ftruncate") {
      m_files.insert(path);
    } else if (name == "unlink") {
      m_files.erase(path);
      // The name of the journal is the commit; the others are of files that an earlier run has left, or not.
      if (path.ends_with("-journal")) {
        m_directories.insert(directory);
      }
    } else if (name == "rename" || name == "link") {
      m_renamed_too_early = m_renamed_too_early || !m_files.empty();
      m_directories.insert(directory);
    } else if (name == "fsync" || name == "fdatasync") {
      m_files.erase(path);
      m_directories.erase(path);
    }
  }

  bool renamed_too_early() const { return m_renamed_too_early; }
  const std::set<std::string>& files() const { return m_files; }
  const std::set<std::string>& directories() const { return m_directories; }

private:
  std::set<std::string> m_files;
  std::set<std::string> m_directories;
  bool m_renamed_too_early = false;
};

} // namespace

TEST_CASE("nothing is acknowledged before it is synced") {
  const std::set<std::string> none;
  for (const Command& command : commands()) {
    const Laboratory laboratory(command);
    INFO(command.words);
    Unsynced unsynced;
    for (const std::string& call : laboratory.calls()) {
      INFO(call);
      if (call == "write 1") { // the answer; a command without one has answered when it ends
        CHECK((command.tells_before || unsynced.files() == none));
        CHECK((command.tells_before || unsynced.directories() == none));
      } else {
        unsynced.follow(call);
      }
    }
    CHECK_FALSE(unsynced.renamed_too_early());
    CHECK(unsynced.files() == none);
    CHECK(unsynced.directories() == none);
  }
}
