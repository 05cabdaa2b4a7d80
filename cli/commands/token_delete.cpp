#include "cli/commands/all.hpp"
#include "cli/context.hpp"
#include "cli/prompt.hpp"
#include "cli/token_lookup.hpp"
#include "cli/token_options.hpp"
#include "cli/token_view.hpp"
#include "core/error.hpp"
#include "core/redaction.hpp"
#include "core/text.hpp"
#include "core/time_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <functional>
#include <optional>
#include <set>
#include <string>
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

bool chooses_many(const Arguments& arguments) {
  return arguments.has("expired") || arguments.has("unused-for") || arguments.has("all");
}

void check_options(const Arguments& arguments) {
  const bool named = !arguments.positionals().empty();
  if (!named && !chooses_many(arguments)) {
    throw Error(Errc::usage, "TOKEN is missing", "name one or more, or say which: --expired, --unused-for 90d, --all");
  }
  if (named && chooses_many(arguments)) {
    throw Error(Errc::usage, "both a token and a choice of many are given", "give one of them");
  }
  if (arguments.has("all") && (arguments.has("expired") || arguments.has("unused-for"))) {
    throw Error(Errc::usage, "--all is given, and a narrower choice beside it", "leave one of them out");
  }
}

/// One run of the command: what would be deleted is known first, and then told, or asked for, or done.
class Deletion {
public:
  Deletion(Context& context, const Arguments& arguments)
      : m_context(context), m_arguments(arguments), m_authority(context.authority()), m_actor(context.actor(arguments)),
        // Somebody who revokes a leaked token may well quote it: the token goes, and its secret is left out of the log.
        m_revocation{redact_tokens(arguments.value("reason").value_or("")),
                     arguments.has("keep-children") ? Revocation::Children::kept : Revocation::Children::revoked} {
    check_description(m_revocation.reason, "reason");
  }

  /// The worst exit status.
  int run() {
    const bool is_named = !m_arguments.positionals().empty();
    is_named ? look_up(m_arguments.positionals()) : choose();
    if (m_arguments.has("dry-run")) {
      print();
    } else if (!m_parts.empty()) {
      m_context.out().require_writable(); // before anything is revoked that could then not be told
      if (!is_named) {
        confirm();
      }
      carry_out();
    }
    if (m_parts.empty() && !is_named) {
      m_context.err().line("No such tokens.");
    }
    return m_status;
  }

private:
  /// What is revoked at once: a token, and those that it has made and that are in no part before.
  struct Part {
    Token token;
    std::vector<Token> children;
  };

  /// Goes on past a token that cannot be deleted, and reports it.
  template <typename Work>
  void attempt(const std::string& selector, const Work& work) {
    try {
      work();
    } catch (const Error& e) {
      if (e.code() == Errc::not_found && m_arguments.has("if-exists")) {
        return;
      }
      if (e.code() != Errc::not_found && e.code() != Errc::ambiguous && e.code() != Errc::usage) {
        throw; // the others would fail, too
      }
      m_context.report(with_meant_name(m_context, m_actor, selector, e));
      m_status = std::max(m_status, errc_info(e.code()).exit_status);
    }
  }

  void look_up(const std::vector<std::string>& selectors) {
    for (const std::string& selector : selectors) {
      attempt(selector, [&] { add(m_authority.would_revoke(m_actor, selector, m_revocation.children)); });
    }
  }

  void choose() {
    const Instant now = m_context.now();
    const auto unused = m_arguments.value("unused-for");
    const auto idle = unused ? std::optional(duration_from(*unused, "--unused-for")) : std::nullopt;
    std::vector<std::string> ids;
    m_authority.each(m_actor, [&](const Token& token) {
      if (!token.revoked_at && (!m_arguments.has("expired") || state_of(token, now) == TokenState::expired) &&
          (!idle || is_unused_for(token, *idle, now))) {
        ids.push_back(token.id);
      }
      return true;
    });
    for (const std::string& id : ids) {
      Revoked would = m_authority.would_revoke(m_actor, id, m_revocation.children);
      const auto used = std::find_if(would.children.begin(), would.children.end(),
                                     [&](const Token& child) { return idle && !is_unused_for(child, *idle, now); });
      if (used != would.children.end()) {
        m_context.err().line(fmt::format("Left out {} ({}): {} ({}), which goes with it, was used", would.token.id,
                                         escape(would.token.name), used->id, escape(used->name)));
        continue;
      }
      add(std::move(would));
    }
  }

  void add(Revoked would) {
    if (!m_ids.insert(would.token.id).second) {
      return;
    }
    Part part{std::move(would.token), {}};
    for (Token& child : would.children) {
      if (m_ids.insert(child.id).second) {
        part.children.push_back(std::move(child));
      }
    }
    m_parts.push_back(std::move(part));
  }

  void print() {
    for (const auto& [token, children] : m_parts) {
      if (token.revoked_at) {
        m_context.out().line(fmt::format("Already deleted {} ({})", token.id, escape(token.name)));
        continue;
      }
      m_context.out().line(
          fmt::format("Would delete {} ({}), last used {}{}", token.id, escape(token.name),
                      token.last_used_at ? local_time_and_distance(*token.last_used_at, m_context.now()) : "never",
                      children.empty() ? "" : fmt::format(", and {} that it made", children.size())));
      for (const Token& child : children) {
        m_context.out().line(fmt::format("  and {} ({})", child.id, escape(child.name)));
      }
    }
  }

  /// Deleting many is confirmed by typing their number: of all that will be gone.
  void confirm() {
    if (m_arguments.has("yes")) {
      return;
    }
    for (const auto& [token, children] : m_parts) {
      for (const Token& child : children) {
        m_context.err().line(
            fmt::format("With {} goes {} ({}), which it made", escape(token.name), child.id, escape(child.name)));
      }
    }
    const std::size_t count = m_ids.size();
    if (!m_context.can_ask(m_arguments)) {
      throw Error(Errc::usage,
                  fmt::format("this deletes {} token{}, and nobody can be asked", count, count == 1 ? "" : "s"),
                  "add --yes; see them first with --dry-run");
    }
    if (ask_line(fmt::format("Type {} to delete so many tokens: ", count)) != fmt::format("{}", count)) {
      throw Error(Errc::cancelled, "nothing was deleted", "see what it would be: --dry-run");
    }
  }

  void carry_out() {
    for (const Part& part : m_parts) {
      attempt(part.token.id, [&] {
        const Revoked revoked = m_authority.revoke(m_actor, part.token.id, m_revocation);
        m_context.out().line(fmt::format("Deleted token {}", revoked.token.id));
        for (const Token& child : revoked.children) {
          m_context.out().line(fmt::format("Deleted token {}", child.id));
        }
        m_context.out().flush();
      });
    }
  }

  Context& m_context;
  const Arguments& m_arguments;
  Authority& m_authority;
  Actor m_actor;
  Revocation m_revocation;
  std::vector<Part> m_parts;
  std::set<std::string, std::less<>> m_ids; ///< of all that is in the parts
  int m_status = EXIT_SUCCESS;
};

int run_delete(Context& context, const Arguments& arguments) {
  check_options(arguments);
  return Deletion(context, arguments).run();
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
  context.owners_store();
  const std::uint64_t count = context.authority().prune(context.actor(std::optional<Secret>()), *before);
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
    .details =
        "What a token has made goes with it. The record stays for the audit (token list --all). A token that is "
        "revoked already is no error. Of --expired and --unused-for together, both have to hold. With --unused-for, "
        "a token is left out while something that it has made was used.",
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
