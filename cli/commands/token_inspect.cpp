#include "cli/commands/all.hpp"
#include "cli/context.hpp"
#include "cli/token_source.hpp"
#include "cli/token_view.hpp"
#include "core/error.hpp"
#include "core/jwt.hpp"
#include "core/text.hpp"
#include "core/token_string.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdlib>

namespace caplet {
namespace {

/// What there is to say of every token, whatever its format: the same keys.
nlohmann::ordered_json empty_answer() {
  return {{"well_formed", false}, {"format", nullptr}, {"checksum", nullptr}, {"prefix", nullptr},
          {"kind", nullptr},      {"id", nullptr},     {"kid", nullptr},      {"claims", nullptr},
          {"problem", nullptr},   {"verified", false}};
}

class View {
public:
  View(Context& context, bool json) : m_context(context), m_json(json) {}

  int good(const TokenParts& parts) {
    if (m_json) {
      nlohmann::ordered_json answer = good_answer(TokenFormat::opaque, parts.kind, parts.id);
      answer["checksum"] = "good";
      answer["prefix"] = parts.prefix;
      m_context.out().line(json_pretty(answer));
      return EXIT_SUCCESS;
    }
    line("Prefix", parts.prefix);
    line("Kind", parts.kind == TokenKind::pat ? "pat (personal)" : "sat (scoped)");
    line("ID", parts.id);
    line("Checksum", "good");
    not_verified();
    return EXIT_SUCCESS;
  }

  int good(const Jwt& jwt) {
    const Claims& claims = jwt.claims;
    const TokenKind kind = claims.scopes.empty() ? TokenKind::pat : TokenKind::sat;
    if (m_json) {
      nlohmann::ordered_json answer = good_answer(TokenFormat::jwt, kind, claims.id);
      answer["kid"] = jwt.kid;
      answer["claims"] = nlohmann::ordered_json::parse(to_json(claims));
      m_context.out().line(json_pretty(answer));
      return EXIT_SUCCESS;
    }
    line("Format", "JWT");
    line("Kind", kind == TokenKind::pat ? "pat (personal)" : "sat (scoped)");
    line("ID", claims.id);
    line("Key", jwt.kid);
    line("Issuer", claims.issuer);
    line("Account", claims.subject);
    line("Audience", escape(fmt::format("{}", fmt::join(claims.audience, " ")), k_longest_jws));
    line("Issued", time(claims.issued_at));
    line("Good from", time(claims.not_before));
    line("Expires", claims.expires_at ? time(*claims.expires_at) : "never");
    if (!claims.scopes.empty()) {
      line("Scopes", fmt::format("{}", fmt::join(claims.scopes, " ")));
    }
    not_verified();
    return EXIT_SUCCESS;
  }

  int bad(const std::string& detail, bool mistyped) {
    if (m_json) {
      nlohmann::ordered_json answer = empty_answer();
      answer["problem"] = detail;
      if (mistyped) {
        answer["checksum"] = "bad";
      }
      m_context.out().line(json_pretty(answer));
    } else if (mistyped) {
      m_context.out().line("Checksum  bad");
    }
    m_context.err().line(fmt::format("Not a token: {}.", detail));
    m_context.hint("compare it with the original, or copy it again");
    return errc_info(Errc::refused).exit_status;
  }

private:
  static nlohmann::ordered_json good_answer(TokenFormat format, TokenKind kind, std::string_view id) {
    nlohmann::ordered_json answer = empty_answer();
    answer["well_formed"] = true;
    answer["format"] = to_string(format);
    answer["kind"] = to_string(kind);
    answer["id"] = id;
    return answer;
  }
  void line(std::string_view label, std::string_view value) {
    m_context.out().line(fmt::format("{:<10}{}", label, value));
  }
  std::string time(std::chrono::sys_seconds time) const { return local_time_and_distance(time, m_context.now()); }
  void not_verified() {
    m_context.err().line("Read from the text alone, not verified. Is it valid?  caplet verify --token -");
  }

  Context& m_context;
  bool m_json;
};

int run_inspect(Context& context, const Arguments& arguments) {
  const Secret token = given_token(context, arguments);
  View view(context, output_format(k_token_inspect, arguments) == "json");
  if (looks_like_jwt(token.text())) {
    const auto parsed = parse_jwt(token.text());
    const auto* jwt = std::get_if<Jwt>(&parsed);
    return jwt != nullptr ? view.good(*jwt) : view.bad(std::get<BadJwt>(parsed).detail, false);
  }
  const auto parsed = parse_token(token.text());
  if (const auto* parts = std::get_if<TokenParts>(&parsed)) {
    return view.good(*parts);
  }
  const auto& no = std::get<Malformed>(parsed);
  return view.bad(no.detail, no.why == Malformed::Why::mistyped);
}

} // namespace

constinit const Command k_token_inspect{
    .path = "token inspect",
    .summary = "Say what a token string says of itself, offline.",
    .details =
        "Needs no store. A good checksum means that the string is well formed, not that it is valid; of a JWT the "
        "signature is not looked at.",
    .examples = "caplet token inspect --token - < token.txt",
    .formats = "plain,json",
    .token = TokenRole::subject,
    .opens_store = false,
    .run = run_inspect,
};

} // namespace caplet
