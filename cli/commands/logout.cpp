#include "cli/commands/all.hpp"
#include "cli/context.hpp"
#include "cli/token_source.hpp"
#include "core/error.hpp"
#include "core/text.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

namespace caplet {
namespace {

constexpr std::array k_options{
    Option{"--profile", "NAME", "forget the token of this profile (default: CAPLET_PROFILE, or default)"},
    Option{"-a,--all", "", "forget those of all profiles"},
    Option{"--revoke", "", "revoke the token, too"},
};

/// One of another store, or one that is gone, cannot be revoked here, and need not be.
void revoke(Context& context, const Actor& owner, const Credential& credential) {
  Authority& authority = context.authority();
  const Verdict verdict = authority.verify(credential.token.text());
  if (!verdict.token) {
    context.warn(fmt::format("the token of the login \"{}\" is not one of this store: it was not revoked",
                             escape(credential.profile)));
    return;
  }
  if (verdict.reason == Reason::revoked) { // revoked, or replaced by a secret that somebody else may use
    context.err().line(fmt::format("The token {} that was kept is dead already.", verdict.token->id));
    return;
  }
  authority.revoke(owner, verdict.token->id, {"logged out"});
  context.out().line(fmt::format("Deleted token {}", verdict.token->id));
}

int run_logout(Context& context, const Arguments& arguments) {
  // It is the owner who revokes the tokens of others. CAPLET_PROFILE gives none: it says which is forgotten.
  if (arguments.has("revoke") && !acting_variable(context.environment()).empty() &&
      acting_variable(context.environment()) != "CAPLET_PROFILE") {
    context.require_owner();
  }
  Authority& authority = context.authority();
  const Actor owner = authority.owner(::geteuid());
  std::vector<std::string> profiles{profile_of(context, arguments)};
  if (arguments.has("all")) {
    if (arguments.has("profile")) {
      throw Error(Errc::usage, "--all and --profile are given", "give one of them");
    }
    profiles = authority.profiles();
  }
  for (const std::string& profile : profiles) {
    const auto credential = authority.login(profile);
    if (!credential) {
      context.err().line(fmt::format("Nobody is logged in as profile \"{}\".", escape(profile, 80)));
      continue;
    }
    if (arguments.has("revoke")) {
      revoke(context, owner, *credential);
    }
    authority.forget_login(owner, profile);
    context.out().line(fmt::format("Logged out of the profile \"{}\"", escape(profile)));
  }
  if (context.environment()("CAPLET_TOKEN")) {
    context.warn("CAPLET_TOKEN is set, and commands still act as that token");
  }
  return EXIT_SUCCESS;
}

} // namespace

constinit const Command k_logout{
    .path = "logout",
    .summary = "Forget the token that login kept.",
    .examples = "caplet logout\n"
                "caplet logout --all --revoke",
    .options = k_options,
    .run = run_logout,
};

} // namespace caplet
