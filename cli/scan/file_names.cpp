#include "cli/scan/file_names.hpp"

#include "core/error.hpp"

#include <sys/stat.h>

namespace caplet {
namespace {

bool is_directory(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
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
  for (const std::string& path : wanted.paths) {
    const bool go_on = path != "-" && is_directory(path) ? name_tree(environment, wanted, path, pool)
                                                         : pool.add({path, nullptr, path, k_any_size});
    if (!go_on) {
      return;
    }
  }
}

} // namespace caplet
