#include "cli/commands/all.hpp"
#include "cli/context.hpp"
#include "cli/prompt.hpp"
#include "cli/token_lookup.hpp"
#include "cli/token_options.hpp"
#include "cli/token_source.hpp"
#include "cli/token_view.hpp"
#include "core/error.hpp"
#include "core/redaction.hpp"
#include "core/text.hpp"
#include "core/time_text.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <functional>
#include <vector>

namespace caplet {
namespace {

constexpr std::array k_options{
    Option{"--reason", "TEXT", "why, for the audit log"},
    Option{"--expired", "", "all that have expired"},
    Option{"--unused-for", "TIME", "all that were not used for so long: 90d"},
    Option{"--all", "", "all there are; asks first"},
    Option{"--keep-children", "", "spare the tokens that it has made"},
    Option{"--if-exists", "", "a token that is not there is no error"},
    Option{"--dry-run", "", "say what would be deleted, and delete nothing"},
    Option{"-y,--yes", "", "do not ask before deleting many"},
};

constexpr std::array k_positionals{
    Positional{"TOKEN", Positional::Count::any, "id or name"},
};

bool is_bulk(const Arguments& arguments) {
  return arguments.has("expired") || arguments.has("unused-for") || arguments.has("all");
}

std::vector<Token> selected_tokens(Context& context, const Arguments& arguments, const Actor& actor) {
  const Instant now = context.now();
  const auto unused = arguments.value("unused-for");
  const auto idle = unused ? duration_from(*unused, "--unused-for") : std::chrono::seconds::zero();
  std::vector<Token> tokens;
  context.authority().each(actor, [&](const Token& token) {
    const bool fits = arguments.has("all") ||
                      (arguments.has("expired") && state_of(token, now) == TokenState::expired) ||
                      (unused && is_unused_for(token, idle, now));
    if (!token.revoked_at && fits) {
      tokens.push_back(token);
    }
    return true;
  });
  return tokens;
}

void print_plan(Context& context, const Actor& actor, const std::vector<Token>& tokens) {
  for (const Token& token : tokens) {
    const auto children = context.authority().descendants(actor, token);
    context.out().line(
        fmt::format("Would delete {} ({}), last used {}{}", token.id, escape(token.name),
                    token.last_used_at ? local_time_and_distance(*token.last_used_at, context.now()) : "never",
                    children.empty() ? "" : fmt::format(", and {} that it made", children.size())));
    for (const Token& child : children) {
      context.out().line(fmt::format("  and {} ({})", child.id, escape(child.name)));
    }
    for (const Token& other : context.authority().rotated_by(actor, token)) {
      context.out().line(fmt::format("  and not {} ({}), to which it has given its secret: rotate that", other.id,
                                     escape(other.name)));
    }
  }
}

/// Deletes each, goes on past those that cannot be, and reports them. The worst exit status.
int delete_each(Context& context, const Arguments& arguments, const Actor& actor,
                const std::vector<std::string>& selectors) {
  // Somebody who revokes a leaked token may well quote it: the token goes, and its secret is left out of the log.
  const std::string reason = redact_tokens(arguments.value("reason").value_or(""));
  check_description(reason, "reason");
  const Revocation revocation{reason, arguments.has("keep-children") ? Revocation::Children::kept
                                                                     : Revocation::Children::revoked};
  context.out().require_writable(); // before anything is revoked that could then not be told
  int status = EXIT_SUCCESS;
  for (const std::string& selector : selectors) {
    try {
      const Revoked revoked = context.authority().revoke(actor, selector, revocation);
      context.out().line(fmt::format("Deleted token {}", revoked.token.id));
      for (const Token& child : revoked.children) {
        context.out().line(fmt::format("Deleted token {}", child.id));
      }
      context.out().flush();
      for (const Token& token : revoked.rotated) {
        context.warn(
            fmt::format("{} ({}) keeps the secret that what was deleted has given it", token.id, escape(token.name)));
        context.hint(fmt::format("if that is known to others, give it another: caplet token rotate {}", token.id));
      }
    } catch (const Error& e) {
      if (e.code() == Errc::not_found && arguments.has("if-exists")) {
        continue;
      }
      if (e.code() != Errc::not_found && e.code() != Errc::ambiguous && e.code() != Errc::usage) {
        throw; // the others would fail, too
      }
      context.report(with_meant_name(context, actor, selector, e));
      status = errc_info(e.code()).exit_status;
    }
  }
  return status;
}

/// Deleting many is confirmed by typing their number.
void confirm(Context& context, const Arguments& arguments, std::size_t count) {
  if (arguments.has("yes")) {
    return;
  }
  const std::string question = fmt::format("Type {} to delete so many tokens: ", count);
  if (!context.can_ask(arguments)) {
    throw Error(Errc::usage,
                fmt::format("this deletes {} token{}, and nobody can be asked", count, count == 1 ? "" : "s"),
                "add --yes; see them first with --dry-run");
  }
  if (ask_line(question) != fmt::format("{}", count)) {
    throw Error(Errc::cancelled, "nothing was deleted", "see what it would be: --dry-run");
  }
}

int run_delete(Context& context, const Arguments& arguments) {
  const auto& named = arguments.positionals();
  if (named.empty() && !is_bulk(arguments)) {
    throw Error(Errc::usage, "TOKEN is missing", "name one or more, or say which: --expired, --unused-for 90d, --all");
  }
  if (!named.empty() && is_bulk(arguments)) {
    throw Error(Errc::usage, "both a token and a choice of many are given", "give one of them");
  }
  Authority& authority = context.authority();
  const auto acting = acting_token(context, arguments);
  const bool by_name = !named.empty() && !arguments.has("dry-run");
  const Actor actor =
      acting && by_name ? authority.authenticate_to_revoke(acting->text(), ::geteuid(), named) : context.actor(acting);
  if (named.empty()) {
    const std::vector<Token> tokens = selected_tokens(context, arguments, actor);
    if (tokens.empty()) {
      context.err().line("No such tokens.");
      return EXIT_SUCCESS;
    }
    if (arguments.has("dry-run")) {
      print_plan(context, actor, tokens);
      return EXIT_SUCCESS;
    }
    confirm(context, arguments, tokens.size());
    std::vector<std::string> ids;
    ids.reserve(tokens.size());
    for (const Token& token : tokens) {
      ids.push_back(token.id);
    }
    return delete_each(context, arguments, actor, ids);
  }
  if (!arguments.has("dry-run")) {
    return delete_each(context, arguments, actor, named);
  }
  std::vector<Token> tokens;
  tokens.reserve(named.size());
  for (const std::string& selector : named) {
    tokens.push_back(authority.find(actor, selector));
  }
  print_plan(context, actor, tokens);
  return EXIT_SUCCESS;
}

int run_prune(Context& context, const Arguments& arguments) {
  const Instant now = context.now();
  const std::string text = arguments.value("before").value_or("");
  const auto ago = parse_duration(text);
  const auto before = ago ? std::optional<Instant>(now - *ago) : parse_time(text);
  if (!before) {
    throw Error(Errc::usage,
                text.empty() ? std::string("--before is missing")
                             : fmt::format("--before \"{}\" is neither a time nor a duration", escape(text, 40)),
                "write 90d for all that were revoked longer ago, or 2026-11-23");
  }
  context.require_no_token();
  Authority& authority = context.authority();
  const std::uint64_t count = authority.prune(context.actor(std::optional<Secret>()), *before);
  context.out().line(fmt::format("Dropped the records of {} revoked token{}", count, count == 1 ? "" : "s"));
  return EXIT_SUCCESS;
}

constexpr std::array k_prune_options{
    Option{"--before", "WHEN", "those that were revoked before: 90d (longer ago), 2026-11-23"},
};

} // namespace

constinit const Command k_token_delete{
    .path = "token delete",
    .aliases = "token revoke,token rm",
    .summary = "Revoke tokens: they stop working at once.",
    .details = "What a token has made goes with it. The record stays for the audit (token list --all). A token that is "
               "revoked already is no error.",
    .examples = "caplet token delete ci\n"
                "caplet token delete ci --reason 'laptop lost'\n"
                "caplet token delete --expired --yes",
    .positionals = k_positionals,
    .options = k_options,
    .token = TokenRole::actor,
    .run = run_delete,
};

constinit const Command k_token_prune{
    .path = "token prune",
    .summary = "Drop the records of tokens that were revoked long ago.",
    .details = "Their events in the audit log stay. Only the owner may: no token does this.",
    .examples = "caplet token prune --before 365d",
    .options = k_prune_options,
    .run = run_prune,
};

} // namespace caplet
