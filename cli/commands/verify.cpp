#include "cli/commands/all.hpp"
#include "cli/context.hpp"
#include "cli/token_source.hpp"
#include "cli/token_view.hpp"
#include "core/error.hpp"
#include "core/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <array>
#include <cstdlib>

namespace caplet {
namespace {

constexpr std::array k_options{
    Option{"-q,--quiet", "", "print nothing; the exit status is the answer"},
};

std::string sentence(const Verdict& verdict, const std::string& account, Instant now) {
  if (!verdict.token) {
    return verdict.detail.empty() ? fmt::format("Not valid: {}", to_string(verdict.reason))
                                  : fmt::format("Not valid: {}: {}", to_string(verdict.reason), verdict.detail);
  }
  const Token& token = *verdict.token;
  const std::string who = fmt::format("{} ({}) of account {}", escape(token.name), token.id, escape(account));
  switch (verdict.reason) {
  case Reason::revoked:
    return fmt::format("Not valid: revoked: {}, on {}", who, local_time_and_distance(*token.revoked_at, now));
  case Reason::expired:
    return fmt::format("Not valid: expired: {}, on {}", who, local_time_and_distance(*token.expires_at, now));
  default:
    return fmt::format("Valid: {}, {}", who,
                       token.expires_at ? "expires " + local_time_and_distance(*token.expires_at, now)
                                        : "never expires");
  }
}

std::string_view advice(Reason reason) {
  switch (reason) {
  case Reason::malformed:
    return "compare it with the original, or copy it again";
  case Reason::unknown:
    return "it was not made by this store, or its secret is another: check CAPLET_HOME and the token";
  case Reason::revoked:
  case Reason::expired:
    return "make another one: caplet token create -n NAME";
  case Reason::ok:
    break;
  }
  return {};
}

nlohmann::ordered_json verdict_json(const Verdict& verdict, const std::string& account, Instant now) {
  nlohmann::ordered_json json{{"valid", verdict.valid()}, {"reason", to_string(verdict.reason)}};
  json["detail"] = verdict.detail.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(verdict.detail);
  // The same keys whatever the answer, so that a script may ask for any of them.
  const nlohmann::ordered_json token = to_json(verdict.token.value_or(Token{}), account, now);
  for (const auto& [key, value] : token.items()) {
    json[key] = verdict.token ? value : nlohmann::ordered_json();
  }
  return json;
}

/// A string that cannot be a token of any store is refused without opening one.
Verdict verify(Context& context, std::string_view token) {
  const auto parsed = parse_token(token);
  if (const auto* no = std::get_if<Malformed>(&parsed)) {
    return {Reason::malformed, std::nullopt, no->detail};
  }
  return context.authority().verify(token);
}

int answer(Context& context, const Arguments& arguments) {
  const Secret token = given_token(context, arguments);
  const Verdict verdict = verify(context, token.text());
  const std::string account = verdict.token ? context.authority().account_name(verdict.token->account) : "";
  const Instant now = context.now();
  if (!arguments.has("quiet")) {
    const bool json = output_format(k_verify, arguments) == "json";
    context.out().line(json ? json_pretty(verdict_json(verdict, account, now)) : sentence(verdict, account, now));
    context.out().flush();
    if (!verdict.valid()) {
      context.hint(advice(verdict.reason));
    }
  }
  if (verdict.valid()) {
    context.authority().note_use(verdict);
    return EXIT_SUCCESS;
  }
  if (verdict.reason != Reason::malformed) { // for which no store was opened
    context.authority().note_refusal(verdict, ::geteuid());
  }
  return errc_info(Errc::refused).exit_status;
}

/// Exit status 1 is a definite no and nothing else: what went wrong otherwise, a full standard output included, leaves
/// the question open.
int run_verify(Context& context, const Arguments& arguments) {
  try {
    return answer(context, arguments);
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
    .details = "Exit status: 0 valid, 1 not valid, 2 or more when it could not be decided.",
    .examples = "echo \"$T\" | caplet verify --token -\n"
                "CAPLET_TOKEN=$T caplet verify -o json",
    .options = k_options,
    .formats = "plain,json",
    .token = TokenRole::subject,
    .run = run_verify,
};

} // namespace caplet
