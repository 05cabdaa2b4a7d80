#pragma once

#include "cli/scan/git_process.hpp"
#include "core/secret.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace caplet {

/// Buffered reading of what a git prints.
class GitOutput {
public:
  explicit GitOutput(Fd output);

  /// Up to the separator, which is left out; nothing at the end. Throws Error{undecided} where it ends within, or is
  /// longer than any line of git's.
  std::optional<std::string> next(char separator);
  /// The next bytes, at least one and at most `most`: a view that the next call ends. Throws at the end.
  std::string_view bytes(std::uint64_t most);

private:
  bool fill();
  Fd m_output;
  Secret m_buffer; ///< of files' contents
  std::size_t m_at = 0;
  std::size_t m_end = 0;
};

/// The objects of a repository with their contents, as `git cat-file --batch` gives them.
class GitObjects {
public:
  struct Object {
    std::string id;
    std::string type; ///< blob, commit, tag, tree
    std::uint64_t size = 0;
  };

  /// `words` are cat-file's besides --batch. `input` names objects, one a line, where the words do not say which.
  GitObjects(const Environment& environment, const std::string& directory, std::vector<std::string> words,
             Fd input = Fd(), HookVariables hook = HookVariables::drop);

  /// The next object, and its content to `read` in pieces; the last piece says so and may be empty. Nothing at the end.
  /// An object that the repository lacks has no type, and nothing is read. Throws Error{undecided}.
  std::optional<Object> next(const std::function<void(std::string_view piece, bool last)>& read);

  /// How it ended: as GitProcess.
  std::string finish() { return m_git.finish(); }

private:
  GitProcess m_git;
  GitOutput m_output;
};

} // namespace caplet
