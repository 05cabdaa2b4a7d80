#include "cli/scan/ignored.hpp"

#include "cli/command.hpp"
#include "cli/scan/git_process.hpp"

#include <system_error>

namespace caplet {

namespace fs = std::filesystem;

std::optional<fs::path> work_tree_above(const fs::path& directory) {
  for (fs::path at = directory;; at = at.parent_path()) {
    std::error_code ignored;
    if (fs::exists(fs::symlink_status(at / ".git", ignored))) {
      return at;
    }
    if (!at.has_relative_path()) {
      return std::nullopt;
    }
  }
}

std::vector<std::string> ignored_paths(const Environment& environment, const fs::path& work_tree,
                                       const fs::path& directory) {
  std::vector<std::string> words{"ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--directory", "--"};
  std::string inside; // git is asked from the top, and not of what is ignored as a whole: there it fails
  if (directory != work_tree) {
    inside = directory.lexically_relative(work_tree).string() + "/";
    // It knows no literal path specifications, and takes what is no magic as it stands.
    const std::vector<std::string> question{"--no-literal-pathspecs", "check-ignore", "--", "./" + inside};
    if (!GitProcess(environment, work_tree.string(), question).read_all().empty()) {
      return {};
    }
    words.push_back(inside);
  }
  const std::string listed = git_output(environment, work_tree.string(), words);
  std::vector<std::string> paths;
  for (std::string_view path : split(listed, '\0')) {
    if (!path.starts_with(inside) || path.size() == inside.size()) {
      continue; // the directory itself, or one above it
    }
    path.remove_prefix(inside.size());
    paths.emplace_back(path.ends_with('/') ? path.substr(0, path.size() - 1) : path);
  }
  return paths;
}

} // namespace caplet
