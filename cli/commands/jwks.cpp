#include "cli/commands/all.hpp"
#include "cli/context.hpp"
#include "cli/token_view.hpp"
#include "core/error.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdlib>

namespace caplet {
namespace {

int run_jwks(Context& context, const Arguments& arguments) {
  Authority& authority = context.authority();
  context.actor(arguments);
  const auto keys = authority.published_keys();
  context.out().line(json_pretty(nlohmann::ordered_json::parse(jwk_set(keys))));
  if (keys.empty()) {
    context.err().line("No keys: the first token in the JWT format makes one (caplet token create --format jwt).");
  }
  return EXIT_SUCCESS;
}

int run_rotate(Context& context, const Arguments& arguments) {
  const std::string format = output_format(k_jwks_rotate, arguments);
  context.owners_store();
  Authority& authority = context.authority();
  const SigningKey key = authority.rotate_signing_key(context.actor(std::optional<Secret>()));
  if (format == "json") {
    using nlohmann::ordered_json;
    context.out().line(json_pretty({{"kid", key.kid},
                                    {"created_at", to_json(std::optional(key.created_at))},
                                    {"replaced", key.replaced.empty() ? ordered_json() : ordered_json(key.replaced)}}));
    return EXIT_SUCCESS;
  }
  context.out().line(fmt::format("New signing key {}", key.kid));
  if (!key.replaced.empty()) {
    context.err().line(
        fmt::format("{} signs no more; it is published until the last token that it signed has ended.", key.replaced));
  }
  context.err().line("Whoever keeps a copy of the key set needs it anew:  caplet jwks");
  return EXIT_SUCCESS;
}

} // namespace

constinit const Command k_jwks{
    .path = "jwks",
    .summary = "Print the public keys by which others verify tokens in the JWT format.",
    .details =
        "A JWK set (RFC 7517) of Ed25519 keys (RFC 8037): the one that signs, and those that were retired while a "
        "token that they signed is alive. With it any JWT library verifies a token without this store; that it "
        "was revoked, only caplet verify knows.",
    .examples = "caplet jwks > jwks.json",
    .formats = "json",
    .token = TokenRole::actor,
    .run = run_jwks,
};

constinit const Command k_jwks_rotate{
    .path = "jwks rotate",
    .summary = "Make a new key that signs JWTs, and retire the old one.",
    .details = "Tokens that the old one signed stay valid until they end. Its secret half is gone for good.",
    .examples = "caplet jwks rotate && caplet jwks > jwks.json",
    .formats = "plain,json",
    .run = run_rotate,
};

} // namespace caplet
