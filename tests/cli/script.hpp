#pragma once

#include "tests/cli/process.hpp"

#include <filesystem>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace caplet::test {

/// A transcript as it stands in its file: lines, then files to unpack, each behind a line `-- name --`.
struct Script {
  struct Line {
    std::size_t number;
    std::string text; ///< neither blank nor a comment
  };
  std::filesystem::path path;
  std::vector<Line> lines;
  std::map<std::string, std::string> files;
};

Script read_script(const std::filesystem::path& path);

/// What a line says is not so, or says nothing that the runner understands.
struct Failure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The words of a line. '…' is taken as it stands; in "…" and outside of quotes $NAME and ${NAME} are replaced, and in
/// "…" also \n \t \r \\ \" \$ and \xHH. Throws Failure for an open quote and an unknown name.
std::vector<std::string> words_of(std::string_view text, const Variables& variables);

/// The text with $NAME and ${NAME} replaced where NAME is known; the values pass through `change` first.
std::string expand(std::string_view text, const Variables& variables,
                   const std::function<std::string(const std::string&)>& change);

} // namespace caplet::test
