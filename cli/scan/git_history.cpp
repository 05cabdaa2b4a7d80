#include "cli/command.hpp"
#include "cli/scan/git_objects.hpp"
#include "cli/scan/git_scan.hpp"
#include "core/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

namespace caplet {
namespace {

/// An object in which something was found, and where it stands in the order of history.
struct Holder {
  Place place;
  std::size_t turn = SIZE_MAX;
};

struct Hit {
  std::size_t piece;
  std::size_t index;
};

class History {
public:
  History(const Environment& environment, const std::string& directory, const Wanted& wanted)
      : m_environment(environment), m_directory(directory), m_wanted(wanted),
        m_finder([this](const TokenSighting& sighting) { add(sighting); }) {}

  GitTotals scan(const TellFound& tell, const Progress& progress) {
    const std::uint64_t expected = count_objects();
    read_objects(progress, expected);
    look_for_gaps();
    if (!m_holders.empty()) {
      try {
        find_places();
      } catch (const Error& e) { // every object was read: nothing is missing but names
        note_problem(std::string("where each was committed could not be told: ") + e.what());
      }
    }
    tell_all(tell);
    return std::move(m_totals);
  }

private:
  void note_problem(const std::string& problem) {
    if (m_totals.problem.empty()) {
      m_totals.problem = problem;
    }
  }

  std::uint64_t count_objects() {
    std::uint64_t count = 0;
    const std::string counts = git_output(m_environment, m_directory, {"count-objects", "-v"});
    for (const std::string_view line : split(counts, '\n')) {
      for (const std::string_view key : {"count: ", "in-pack: "}) {
        std::uint64_t number = 0;
        if (line.starts_with(key)) {
          std::from_chars(line.data() + key.size(), line.data() + line.size(), number);
          count += number;
        }
      }
    }
    return count;
  }

  void read_objects(const Progress& progress, std::uint64_t expected) {
    GitObjects objects(m_environment, m_directory, {"--batch-all-objects", "--unordered"});
    Steps steps(progress, expected);
    try {
      for (;;) {
        m_found_in_this = false;
        m_finder.reset();
        const auto object = objects.next(
            [this](std::string_view piece, bool last) { last ? m_finder.feed_last(piece) : m_finder.feed(piece); });
        if (!object) {
          break;
        }
        steps.step();
        m_totals.objects += 1;
        m_totals.bytes += object->size;
        if (m_found_in_this) {
          m_holders.push_back({{{}, object->type == "commit" ? object->id : "", object->id, object->type}});
        } else if (object->type.empty()) {
          note_problem("an object of the repository is missing or damaged: " + object->id);
        }
      }
    } catch (const Error& e) {
      note_problem(e.what());
      drop_unfinished();
    }
    if (const std::string failure = objects.finish(); !failure.empty()) {
      note_problem("git could not read every object: " + failure);
    }
  }

  /// Every object that is here was read; history may lead to others. A clone without them is no clean history.
  void look_for_gaps() {
    if (git_output(m_environment, m_directory, {"rev-parse", "--is-shallow-repository"}).starts_with("true")) {
      note_problem("not all was looked at: this is a shallow clone, and older commits are not here: git fetch "
                   "--unshallow");
      return;
    }
    GitProcess git(m_environment, m_directory,
                   {"rev-list", "--objects", "--no-object-names", "--all", "--reflog", "--missing=print"});
    GitOutput output(git.take_output());
    std::uint64_t missing = 0;
    while (const auto line = output.next('\n')) {
      missing += line->starts_with('?') ? 1U : 0U;
    }
    if (const std::string failure = git.finish(); !failure.empty()) {
      note_problem("git could not follow all of the history: " + failure);
    }
    if (missing > 0) {
      note_problem(fmt::format("not all was looked at: {} object{} of the history {} not here (a partial clone, or a "
                               "damaged one): scan a full clone",
                               missing, missing == 1 ? "" : "s", missing == 1 ? "is" : "are"));
    }
  }

  void add(const TokenSighting& sighting) {
    if (!m_wanted.accepts(sighting.parts)) {
      return;
    }
    if (m_pieces.empty() || m_pieces.back().full()) {
      m_pieces.emplace_back();
    }
    m_pieces.back().add(sighting, m_holders.size(), m_wanted.keep_text); // of the object under way: the next holder
    m_found_in_this = true;
  }

  /// What was found in an object that was cut off has a holder, too.
  void drop_unfinished() {
    if (m_found_in_this) {
      m_holders.push_back({{{}, {}, "?", "object"}});
    }
  }

  /// Follows history from its beginning, and notes for each holder the first commit and path that had it.
  void find_places() {
    std::unordered_map<std::string, Holder*> open;
    for (Holder& holder : m_holders) {
      open[holder.place.object] = &holder;
    }
    GitProcess commits(m_environment, m_directory, {"rev-list", "--all", "--reflog", "--topo-order", "--reverse"});
    GitProcess changes(m_environment, m_directory,
                       {"diff-tree", "--stdin", "-z", "-r", "--root", "-m", "--raw", "--no-renames", "--no-abbrev",
                        "--no-ext-diff", "--no-textconv"},
                       commits.take_output());
    GitOutput output(changes.take_output());
    std::string commit;
    std::size_t turn = 0;
    while (auto word = output.next('\0')) {
      if (!word->starts_with(':')) {
        commit = std::move(*word);
        if (const auto holder = open.find(commit); holder != open.end()) {
          holder->second->turn = turn;
        }
        ++turn;
        continue;
      }
      const auto fields = split(*word, ' '); // :mode mode id id status
      auto path = output.next('\0');
      const auto holder = fields.size() < 5 || !path ? open.end() : open.find(std::string(fields[3]));
      if (holder != open.end() && holder->second->place.commit.empty()) {
        holder->second->place.commit = commit;
        holder->second->place.path = std::move(*path);
        holder->second->turn = turn;
      }
    }
    for (GitProcess* git : {&commits, &changes}) {
      if (const std::string failure = git->finish(); !failure.empty()) {
        throw Error(Errc::undecided, failure);
      }
    }
  }

  void tell_all(const TellFound& tell) {
    std::vector<Hit> hits;
    for (std::size_t piece = 0; piece < m_pieces.size(); ++piece) {
      for (std::size_t index = 0; index < m_pieces[piece].size(); ++index) {
        hits.push_back({piece, index});
      }
    }
    const auto key = [&](const Hit& hit) {
      const FoundToken& finding = m_pieces[hit.piece][hit.index];
      const Holder& holder = m_holders[finding.source];
      return std::tie(holder.turn, holder.place.path, holder.place.object, finding.offset);
    };
    std::sort(hits.begin(), hits.end(), [&](const Hit& a, const Hit& b) { return key(a) < key(b); });
    for (const Hit& hit : hits) {
      const FoundTokens& piece = m_pieces[hit.piece];
      const FoundToken& finding = piece[hit.index];
      tell(m_holders[finding.source].place, finding, m_wanted.keep_text ? piece.text(hit.index) : std::string_view());
    }
  }

  const Environment& m_environment;
  const std::string& m_directory;
  const Wanted& m_wanted;
  TokenFinder m_finder;
  std::vector<FoundTokens> m_pieces;
  std::vector<Holder> m_holders;
  bool m_found_in_this = false;
  GitTotals m_totals;
};

} // namespace

GitTotals scan_history(const Environment& environment, const std::string& directory, const Wanted& wanted,
                       const TellFound& tell, const Progress& progress) {
  return History(environment, directory, wanted).scan(tell, progress);
}

} // namespace caplet
