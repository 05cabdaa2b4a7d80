#include "cli/commands/all.hpp"
#include "cli/context.hpp"
#include "cli/token_source.hpp"
#include "cli/token_view.hpp"
#include "core/error.hpp"
#include "core/token_string.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdlib>

namespace caplet {
namespace {

void print_good(Context& context, const TokenParts& parts, bool json) {
  if (json) {
    context.out().line(json_pretty({{"well_formed", true},
                                    {"checksum", "good"},
                                    {"prefix", parts.prefix},
                                    {"kind", to_string(parts.kind)},
                                    {"id", parts.id},
                                    {"problem", nullptr},
                                    {"verified", false}}));
    return;
  }
  const auto line = [&](std::string_view label, std::string_view value) {
    context.out().line(fmt::format("{:<10}{}", label, value));
  };
  line("Prefix", parts.prefix);
  line("Kind", parts.kind == TokenKind::pat ? "pat (personal)" : "sat (scoped)");
  line("ID", parts.id);
  line("Checksum", "good");
  context.err().line("Read from the text alone, not verified. Is it valid?  caplet verify --token -");
}

int run_inspect(Context& context, const Arguments& arguments) {
  const Secret token = given_token(context, arguments);
  const bool json = output_format(k_token_inspect, arguments) == "json";
  const auto parsed = parse_token(token.text());
  if (const auto* parts = std::get_if<TokenParts>(&parsed)) {
    print_good(context, *parts, json);
    return EXIT_SUCCESS;
  }
  const auto& no = std::get<Malformed>(parsed);
  const bool mistyped = no.why == Malformed::Why::mistyped;
  if (json) {
    context.out().line(json_pretty({{"well_formed", false},
                                    {"checksum", mistyped ? nlohmann::ordered_json("bad") : nlohmann::ordered_json()},
                                    {"prefix", nullptr},
                                    {"kind", nullptr},
                                    {"id", nullptr},
                                    {"problem", no.detail},
                                    {"verified", false}}));
  } else if (mistyped) {
    context.out().line("Checksum  bad");
  }
  context.err().line(fmt::format("Not a token: {}.", no.detail));
  context.hint("compare it with the original, or copy it again");
  return errc_info(Errc::refused).exit_status;
}

} // namespace

constinit const Command k_token_inspect{
    .path = "token inspect",
    .summary = "Say what a token string says of itself, offline.",
    .details = "Needs no store. A good checksum means that the string is well formed, not that it is valid.",
    .examples = "caplet token inspect --token - < token.txt",
    .formats = "plain,json",
    .token = TokenRole::subject,
    .opens_store = false,
    .run = run_inspect,
};

} // namespace caplet
