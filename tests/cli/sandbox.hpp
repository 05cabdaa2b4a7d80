#pragma once

#include "tests/cli/process.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace caplet::test {

/// A place to run caplet in, gone with this object: a directory to work in, an empty HOME, and an environment without
/// anything of the one who runs the tests.
class Sandbox {
public:
  Sandbox();
  Sandbox(const Sandbox&) = delete;
  Sandbox& operator=(const Sandbox&) = delete;
  ~Sandbox();

  std::filesystem::path work() const { return m_root / "work"; }
  std::filesystem::path home() const { return m_root / "home"; }
  /// Where a path of a script lies: relative ones in work().
  std::filesystem::path resolve(std::string_view path) const { return work() / path; }

  /// PATH (with caplet on it), HOME, TZ=UTC and LANG=C.UTF-8; changed at will.
  Variables environment;

  /// The real binary with these arguments.
  Launch caplet(const std::vector<std::string>& arguments) const;
  /// A line of shell.
  Launch shell(const std::string& command) const;

private:
  std::filesystem::path m_root;
};

/// Everything about a file or a tree that a command could change: names, kinds, modes, sizes and contents.
std::string describe_tree(const std::filesystem::path& top);

std::string read_file(const std::filesystem::path& path);

} // namespace caplet::test
