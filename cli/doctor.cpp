#include "cli/doctor.hpp"

#include "core/concern.hpp"
#include "core/text.hpp"
#include "core/time_text.hpp"
#include "store/inspection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace caplet {
namespace {

using Finding = Diagnosis::Finding;
using Level = Diagnosis::Level;

std::string shown(const std::filesystem::path& path) { return escape(path.string(), 4096); }

/// What is said of the tokens that raise a concern. In the order of Concern.
struct Saying {
  Concern concern;
  Level level;
  std::string_view check;
  std::string_view one;
  std::string_view many;
  std::string_view remedy;
};
constexpr std::array k_sayings{
    Saying{Concern::endless, Level::advice, "token-endless", "token never expires", "tokens never expire",
           "give it an end: caplet token rotate TOKEN -e 90d"},
    Saying{Concern::unused, Level::advice, "token-unused", "token was not used for 90 days",
           "tokens were not used for 90 days", "delete what nobody needs: caplet token delete --unused-for 90d"},
    Saying{Concern::scopes_unused, Level::advice, "token-scopes-unused", "token has scopes that it never used",
           "tokens have scopes that they never used", "make one with fewer: caplet token create -s SCOPE"},
    Saying{Concern::personal, Level::note, "token-personal", "personal token is used, and makes no tokens",
           "personal tokens are used, and make no tokens", "a scoped one may do: caplet token create -s SCOPE"},
    Saying{Concern::expired, Level::note, "token-expired", "token has expired and is still listed",
           "tokens have expired and are still listed", "delete them: caplet token delete --expired"},
};

void look_at_files(const Location& location, Diagnosis& diagnosis) {
  const FileInspection files = inspect_files(location);
  diagnosis.files = files.looked_at.size();
  for (const FileFlaw& flaw : files.flaws) {
    diagnosis.findings.push_back({Level::problem, "file", flaw.what, flaw.remedy});
  }
  if (location.anchor.empty() || !files.has_anchor) {
    diagnosis.findings.push_back(
        {Level::advice, "anchor", "there is no anchor: an older copy of the store would not be noticed",
         location.anchor.empty() ? "set HOME or XDG_STATE_HOME: it is kept there" : "the next change makes one"});
  }
  if (files.key_beside_store) {
    diagnosis.findings.push_back(
        {Level::advice, "key-beside-store", "the key lies beside the store: whoever copies the directory has both",
         "keep the key elsewhere (CAPLET_KEY_FILE), or use a passphrase: caplet store key add"});
  }
  for (const auto& path : files.old_formats) {
    diagnosis.findings.push_back({Level::note, "old-format",
                                  fmt::format("{} is the store as it was before its format changed", shown(path)),
                                  "delete it once you are content with the new one"});
  }
}

/// As other commands open it, or else as `store check` does. Nothing where it cannot be opened at all.
LocalStore* open(Context& context, Diagnosis& diagnosis) {
  const auto attempt = [&](Opening opening) -> LocalStore* {
    try {
      return &context.owners_store(opening);
    } catch (const Error& e) {
      if (e.code() == Errc::denied || e.code() == Errc::cancelled || e.code() == Errc::missing) {
        throw;
      }
      const auto& said = diagnosis.findings;
      const bool again =
          std::any_of(said.begin(), said.end(), [&](const Finding& each) { return each.what == e.what(); });
      if (!again) {
        diagnosis.findings.push_back({Level::problem, "store", e.what(), e.hint()});
      }
      return nullptr;
    }
  };
  LocalStore* store = attempt(Opening::strict);
  return store != nullptr ? store : attempt(Opening::for_check);
}

void look_at_store(Context& context, LocalStore& store, Diagnosis& diagnosis) {
  constexpr auto k_skew = std::chrono::minutes(5); // as in Context::warn_of_clock
  const Instant now = context.clock().now();
  if (store.latest() > now + k_skew) {
    diagnosis.findings.push_back({Level::problem, "clock",
                                  fmt::format("the clock says {}, and the store has seen {}", format_rfc3339(now),
                                              format_rfc3339(store.latest())),
                                  "set the clock; or, if it is right now: caplet store check --accept-clock"});
  }
  if (store.slots().size() == 1) {
    diagnosis.findings.push_back({Level::note, "one-key", "one key alone opens the store: where it is lost, so are all",
                                  "add another: caplet store key add"});
  }
  const Policy policy = store.policy();
  if (policy.endless == Policy::Endless::allowed && !policy.longest_lifetime) {
    diagnosis.findings.push_back({Level::note, "policy-never", "the policy lets tokens be made that never expire",
                                  "refuse them: caplet store policy set never=no"});
  }
}

void look_at_tokens(Context& context, Diagnosis& diagnosis) {
  std::array<Finding, k_sayings.size()> findings;
  Authority& authority = context.authority_for_check();
  authority.each(context.actor(std::optional<Secret>()), [&](const Token& token) {
    ++diagnosis.tokens;
    for (const Concern concern : concerns_of(token, context.now())) {
      Finding& finding = findings.at(static_cast<std::size_t>(concern));
      ++finding.count;
      if (finding.tokens.size() < Diagnosis::k_most_named) {
        finding.tokens.push_back({token.id, token.name});
        if (concern == Concern::scopes_unused) {
          finding.tokens.back().scopes = unused_scopes(token);
        }
      }
    }
    return true;
  });
  for (std::size_t i = 0; i < k_sayings.size(); ++i) {
    const Saying& saying = k_sayings.at(i);
    Finding& finding = findings.at(i);
    if (finding.count > 0) {
      finding.level = saying.level;
      finding.check = saying.check;
      finding.what = fmt::format("{} {}", finding.count, finding.count == 1 ? saying.one : saying.many);
      finding.remedy = saying.remedy;
      diagnosis.findings.push_back(std::move(finding));
    }
  }
}

constexpr bool in_enum_order() {
  for (std::size_t i = 0; i < k_sayings.size(); ++i) {
    if (static_cast<std::size_t>(k_sayings[i].concern) != i) {
      return false;
    }
  }
  return true;
}
static_assert(in_enum_order(), "findings are kept by the number of their concern");

} // namespace

std::string_view to_string(Diagnosis::Level level) noexcept {
  switch (level) {
  case Level::problem:
    return "problem";
  case Level::advice:
    return "advice";
  case Level::note:
    break;
  }
  return "note";
}

Diagnosis diagnose(Context& context) {
  if (!context.has_store()) {
    context.owners_store(); // says that there is none
  }
  Diagnosis diagnosis;
  look_at_files(context.location(), diagnosis);
  if (LocalStore* store = open(context, diagnosis)) {
    diagnosis.opened = true;
    try {
      look_at_store(context, *store, diagnosis);
      look_at_tokens(context, diagnosis);
    } catch (const Error& e) {
      diagnosis.findings.push_back({Level::problem, "store", e.what(), e.hint()});
    }
  }
  std::stable_sort(diagnosis.findings.begin(), diagnosis.findings.end(),
                   [](const Finding& a, const Finding& b) { return a.level < b.level; });
  return diagnosis;
}

} // namespace caplet
