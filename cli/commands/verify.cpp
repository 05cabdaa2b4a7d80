#include "cli/commands/all.hpp"
#include "cli/context.hpp"
#include "cli/token_options.hpp"
#include "cli/token_source.hpp"
#include "cli/token_view.hpp"
#include "cli/verdict_view.hpp"
#include "cli/verify_batch.hpp"
#include "core/error.hpp"
#include "core/jwt.hpp"
#include "core/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

namespace caplet {
namespace {

constexpr std::array k_options{
    Option{"-s,--scope", "SCOPE", "what it has to be allowed: orders:read; may be repeated", true},
    Option{"-a,--audience", "NAME", "which service asks"},
    Option{"--ip", "ADDRESS", "where the token comes from"},
    Option{"--at", "TIME", "as of this time, not now: 2027-01-31T09:00:00Z; counts as no use"},
    Option{"--explain", "", "every check, and what would make it pass; counts as no use"},
    Option{"--batch", "", "one token a line on standard input, one JSON line for each"},
    Option{"-q,--quiet", "", "print nothing; the exit status is the answer"},
};

std::string sentence(const Verdict& verdict, const std::string& account, Instant now) {
  if (!verdict.token) {
    return verdict.detail.empty() ? fmt::format("Not valid: {}", to_string(verdict.reason))
                                  : fmt::format("Not valid: {}: {}", to_string(verdict.reason), verdict.detail);
  }
  const Token& token = *verdict.token;
  const auto end = end_of(token);
  const std::string who = fmt::format("{} ({}) of account {}", escape(token.name), token.id, escape(account));
  const auto because = [&](std::string_view clause) {
    return fmt::format("Not valid: {}: {}, {}", to_string(verdict.reason), who, clause);
  };
  switch (verdict.reason) {
  case Reason::revoked:
    return because(token.revoked_at ? "on " + local_time_and_distance(*token.revoked_at, now)
                                    : "its secret was replaced by a rotation");
  case Reason::expired:
    return because("on " + local_time_and_distance(*end, now));
  case Reason::not_yet_valid:
    return because("good from " + local_time_and_distance(*token.not_before, now));
  case Reason::exhausted:
    return because(fmt::format("all {} uses are used up", token.uses_limit));
  case Reason::network:
    return because("not from this address");
  case Reason::audience:
    return because("made for others");
  case Reason::scope:
    return because("it may not do that");
  case Reason::ok:
  case Reason::malformed:
  case Reason::unknown:
    break;
  }
  return fmt::format("Valid: {}, {}", who, end ? "expires " + local_time_and_distance(*end, now) : "never expires");
}

std::string_view advice(Reason reason) {
  switch (reason) {
  case Reason::malformed:
    return "compare it with the original, or copy it again";
  case Reason::unknown:
    return "it was not made by this store, or its secret is another: check CAPLET_HOME and the token";
  case Reason::revoked:
  case Reason::expired:
  case Reason::exhausted:
    return "make another one: caplet token create -n NAME";
  case Reason::not_yet_valid:
  case Reason::network:
  case Reason::audience:
  case Reason::scope:
    return "see every check: caplet verify --explain";
  case Reason::ok:
    break;
  }
  return {};
}

/// A string that cannot be a token of any store is refused without opening one.
std::optional<Verdict> without_store(std::string_view token) {
  auto fault = find_fault(token);
  return fault ? std::optional(Verdict{Reason::malformed, std::nullopt, std::move(*fault)}) : std::nullopt;
}

/// Every check of such a string, as Authority::explain().
std::vector<Check> explained_without_store(const Verdict& verdict) {
  std::vector<Check> checks{
      {Reason::malformed, Check::Outcome::failed, verdict.detail, "the whole token as it was made"}};
  for (const Reason reason : {Reason::unknown, Reason::revoked, Reason::expired, Reason::not_yet_valid,
                              Reason::exhausted, Reason::network, Reason::audience, Reason::scope}) {
    checks.push_back({reason, Check::Outcome::not_reached, {}, {}});
  }
  return checks;
}

/// A use where the question is a real one: what is asked of another time, or to be explained, uses nothing up.
bool is_use(const Arguments& arguments) { return !arguments.has("explain") && !arguments.has("at"); }

Verdict verify(Context& context, const Arguments& arguments, std::string_view token, const Presented& presented) {
  if (auto verdict = without_store(token); verdict && !(arguments.has("explain") && context.has_store())) {
    return std::move(*verdict);
  }
  Authority& authority = context.authority();
  return is_use(arguments) ? authority.admit(token, presented) : authority.verify(token, presented);
}

void print_checks(Context& context, const std::vector<Check>& checks) {
  const auto look = [](const Check& check) {
    switch (check.outcome) {
    case Check::Outcome::passed:
      return std::pair("passed", Style::green);
    case Check::Outcome::failed:
      return std::pair("FAILED", Style::red);
    case Check::Outcome::not_reached:
      break;
    }
    return std::pair("-", Style::dim);
  };
  for (const Check& check : checks) {
    const auto [word, style] = look(check);
    const std::string found = check.outcome == Check::Outcome::not_reached ? "not looked at" : check.found;
    context.out().line(fmt::format("  {}  {:<13}  {}",
                                   styled(fmt::format("{:<6}", word), style, context.colors(context.out())),
                                   to_string(check.reason), found));
    if (!check.remedy.empty()) {
      context.out().line(fmt::format("{:25}to pass: {}", "", check.remedy));
    }
  }
}

nlohmann::ordered_json to_json(const std::vector<Check>& checks) {
  auto list = nlohmann::ordered_json::array();
  for (const Check& check : checks) {
    list.push_back({{"check", to_string(check.reason)},
                    {"outcome", to_string(check.outcome)},
                    {"found", check.found},
                    {"remedy", check.remedy}});
  }
  return list;
}

int status_of(const Verdict& verdict) { return verdict.valid() ? EXIT_SUCCESS : errc_info(Errc::refused).exit_status; }

std::string account_of(Context& context, const Verdict& verdict) {
  return verdict.token ? context.authority().account_name(verdict.token->account) : "";
}

int answer(Context& context, const Arguments& arguments, const Presented& presented) {
  const Secret token = given_token(context, arguments);
  const Verdict verdict = verify(context, arguments, token.text(), presented);
  const std::string account = account_of(context, verdict);
  const Instant now = presented.at.value_or(context.now());
  if (!arguments.has("quiet")) {
    std::vector<Check> checks;
    if (arguments.has("explain")) {
      checks = verdict.reason == Reason::malformed && !context.has_store()
                   ? explained_without_store(verdict)
                   : context.authority().explain(verdict, presented);
    }
    if (output_format(k_verify, arguments) == "json") {
      nlohmann::ordered_json json = to_json(verdict, account, now);
      if (arguments.has("explain")) {
        json["checks"] = to_json(checks);
      }
      context.out().line(json_pretty(json));
    } else {
      context.out().line(sentence(verdict, account, now));
      print_checks(context, checks);
    }
    context.out().flush();
    if (!verdict.valid() && !arguments.has("explain")) {
      context.hint(advice(verdict.reason));
    }
  }
  if (is_use(arguments) && verdict.reason != Reason::malformed) { // for which no store was opened
    context.authority().note_refusal(verdict, ::geteuid());
  }
  return status_of(verdict);
}

void check_options(const Arguments& arguments) {
  if (!arguments.has("batch")) {
    return;
  }
  for (const std::string_view other : {"explain", "token", "token-file", "token-fd"}) {
    if (arguments.has(other)) {
      throw Error(Errc::usage,
                  fmt::format("--batch reads tokens from standard input, and --{} does not go with it", other),
                  "leave it out");
    }
  }
}

/// Exit status 1 is a definite no and nothing else: what went wrong otherwise, a full standard output included, leaves
/// the question open.
int run_verify(Context& context, const Arguments& arguments) {
  try {
    check_options(arguments);
    const Presented presented = presented_from(arguments);
    return arguments.has("batch") ? verify_batch(context, arguments, presented) : answer(context, arguments, presented);
  } catch (const Error& e) {
    if (errc_info(e.code()).exit_status == errc_info(Errc::refused).exit_status) {
      throw Error(Errc::undecided, e.what(), e.hint());
    }
    throw;
  } catch (const std::exception& e) {
    throw Error(Errc::undecided, fmt::format("unexpected: {}", e.what()), "try again; it was not decided");
  }
}

} // namespace

constinit const Command k_verify{
    .path = "verify",
    .aliases = "token verify",
    .summary = "Say whether a token is valid, and if not, why.",
    .details = "Exit status: 0 valid, 1 not valid, 2 or more when it could not be decided. A token that is limited to "
               "networks needs --ip; one that was made for a service needs --audience.",
    .examples = "echo \"$T\" | caplet verify --token -\n"
                "CAPLET_TOKEN=$T caplet verify -o json -s orders:read --ip 10.0.0.7\n"
                "caplet verify --explain --token - < token.txt\n"
                "caplet verify --batch < tokens.txt",
    .options = k_options,
    .statuses = "0:valid\n"
                "1:not valid",
    .formats = "plain,json",
    .token = TokenRole::subject,
    .run = run_verify,
};

} // namespace caplet
