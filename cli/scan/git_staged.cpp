#include "cli/command.hpp"
#include "cli/scan/git_objects.hpp"
#include "cli/scan/git_scan.hpp"
#include "core/bytes.hpp"
#include "core/error.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <set>
#include <vector>

namespace caplet {
namespace {

/// One line of the difference between the last commit and what is staged.
struct Change {
  std::string before; ///< the blob that was there; empty for none
  std::string after;  ///< the blob that is staged; empty for none
  std::string path;
};

/// Stands for a token while the old and the new are compared, so that no copies of them lie about.
using Stamp = std::array<unsigned char, crypto_generichash_BYTES>;

Stamp stamp_of(std::string_view token) {
  require_sodium();
  Stamp stamp{};
  crypto_generichash(stamp.data(), stamp.size(), as_bytes(token).data(), token.size(), nullptr, 0);
  return stamp;
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

class Staged {
public:
  Staged(const Environment& environment, const std::string& directory)
      : m_environment(environment), m_directory(directory),
        m_hook(directory == "." ? HookVariables::keep : HookVariables::drop) {}

  std::string ask(const std::vector<std::string>& words) const {
    return git_output(m_environment, m_directory, words, m_hook);
  }

  /// The last commit; before the first, the tree without a file.
  std::string base() const {
    try {
      return first_line(ask({"rev-parse", "--verify", "--quiet", "HEAD^{commit}"}));
    } catch (const Error&) {
      return first_line(ask({"hash-object", "-t", "tree", "--stdin"}));
    }
  }

  std::vector<Change> changes() const {
    const std::string raw = ask({"diff-index", "--cached", "-z", "--raw", "--no-renames", "--no-abbrev",
                                 "--no-ext-diff", "--no-textconv", base(), "--"});
    const auto words = split(raw, '\0');
    std::vector<Change> all;
    for (std::size_t i = 0; i + 1 < words.size(); i += 2) {
      const auto fields = split(words[i], ' '); // :mode mode id id status
      if (fields.size() < 5) {
        throw Error(Errc::undecided, "git said something else than what is staged", "is this git older than 2.30?");
      }
      all.push_back({blob(fields[0].substr(1), fields[2]), blob(fields[1], fields[3]), std::string(words[i + 1])});
    }
    return all;
  }

  GitObjects read(const std::string& names) const { return {m_environment, m_directory, {}, input_of(names), m_hook}; }

private:
  /// A file's or a link's content; of a submodule there is none here.
  static std::string blob(std::string_view mode, std::string_view id) {
    const bool is_file = mode.starts_with("100") || mode.starts_with("120");
    return is_file && id.find_first_not_of('0') != std::string_view::npos ? std::string(id) : std::string();
  }

  const Environment& m_environment;
  const std::string& m_directory;
  HookVariables m_hook;
};

} // namespace

GitTotals scan_staged(const Environment& environment, const std::string& directory, const Wanted& wanted,
                      const TellFound& tell) {
  const Staged staged(environment, directory);
  const std::vector<Change> changes = staged.changes();
  // All that was there before comes first: a file that is moved adds nothing.
  std::string names;
  std::size_t before = 0;
  std::vector<const Change*> after;
  for (const Change& change : changes) {
    names += change.before.empty() ? "" : change.before + "\n";
    before += change.before.empty() ? 0U : 1U;
  }
  for (const Change& change : changes) {
    if (!change.after.empty()) {
      names += change.after + "\n";
      after.push_back(&change);
    }
  }

  GitTotals totals;
  std::set<Stamp> known;
  FoundTokens found;
  std::size_t number = 0;
  const auto flush = [&] {
    for (std::size_t i = 0; i < found.size(); ++i) {
      const Change& change = *after[number - before];
      tell({change.path, {}, change.after, "blob"}, found[i], wanted.keep_text ? found.text(i) : std::string_view());
    }
    found = {};
  };
  TokenFinder finder([&](const TokenSighting& sighting) {
    if (!wanted.accepts(sighting.parts)) {
      return;
    }
    if (number < before) {
      known.insert(stamp_of(sighting.text));
    } else if (!known.contains(stamp_of(sighting.text))) {
      if (found.full()) {
        flush();
      }
      found.add(sighting, 0, wanted.keep_text);
    }
  });
  GitObjects objects = staged.read(names);
  while (const auto object = objects.next(
             [&](std::string_view piece, bool last) { last ? finder.feed_last(piece) : finder.feed(piece); })) {
    if (object->type.empty()) {
      totals.problem = "an object of the repository is missing or damaged: " + object->id;
    }
    if (number >= before) {
      flush();
      totals.objects += 1;
      totals.bytes += object->size;
    }
    finder.reset();
    ++number;
  }
  if (const std::string failure = objects.finish(); !failure.empty() || number != before + after.size()) {
    throw Error(Errc::undecided, fmt::format("git could not read what is staged: {}", failure),
                "check the repository: git fsck");
  }
  return totals;
}

} // namespace caplet
