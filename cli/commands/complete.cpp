#include "cli/commands/all.hpp"
#include "cli/completion.hpp"
#include "cli/context.hpp"
#include "core/scope.hpp"
#include "core/text.hpp"
#include "core/time_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>

namespace caplet {
namespace {

constexpr std::array k_positionals{
    Positional{"WORD", Positional::Count::any, "the words behind caplet; the last one is to be completed"},
};

constexpr std::size_t k_most = 5000; ///< in a larger store nobody looks through a list, and nobody waits for it

/// The store, opened without waiting for anybody and without asking for anything, and who looks at it.
class Glance {
public:
  /// `scope`: what a scoped token needs for such a look.
  Glance(Context& context, std::string_view scope)
      : m_store(open_store(context.location(), Opening::at_once)), m_authority(*m_store, context.clock()) {
    const auto token = context.environment()("CAPLET_TOKEN");
    if (!token) {
      m_actor = m_authority.owner(0);
      return;
    }
    const Verdict verdict = m_authority.verify(*token); // not authenticate(): a look leaves no trace in the log
    if (verdict.valid() && (verdict.token->kind == TokenKind::pat || covers(verdict.token->scopes, scope))) {
      m_actor = m_authority.owner(0);
      m_actor->account = verdict.token->account;
    }
  }

  void each(const std::function<bool(const Token&)>& visit) {
    if (m_actor) {
      m_authority.each(*m_actor, visit);
    }
  }
  void each_function(const std::function<bool(const Function&)>& visit) {
    if (m_actor) {
      m_authority.each_function(*m_actor, visit);
    }
  }
  Instant now() { return m_authority.now(); }

private:
  std::unique_ptr<LocalStore> m_store;
  Authority m_authority;
  std::optional<Actor> m_actor;
};

std::string about(const Token& token, Instant now) {
  std::string text = token.description.empty() ? token.id : token.description;
  const TokenState state = state_of(token, now);
  return escape(state == TokenState::active ? text : fmt::format("{}: {}", to_string(state), text));
}

/// Names of tokens that are not revoked, and the ids that begin as the word does.
std::vector<Candidate> tokens(Context& context, std::string_view prefix) {
  Glance glance(context, "token:read");
  const Instant now = glance.now();
  std::vector<Candidate> names;
  std::vector<Candidate> ids;
  std::size_t looked = 0;
  glance.each([&](const Token& token) {
    if (!token.revoked_at && escape(token.name) == token.name) {
      names.push_back({token.name, about(token, now)});
    }
    if (!prefix.empty() && token.id.starts_with(prefix)) {
      ids.push_back({token.id, escape(token.name)});
    }
    return ++looked < k_most;
  });
  names.insert(names.end(), ids.begin(), ids.end());
  return names;
}

/// Those that caplet knows itself, and those that tokens have.
std::vector<Candidate> scopes(Context& context) {
  std::vector<Candidate> all{{"token:read", "list and show tokens"},
                             {"audit:read", "read the audit log"},
                             {"function:read", "list and show functions"}};
  const auto known = [&](std::string_view scope) {
    return std::any_of(all.begin(), all.end(), [&](const Candidate& each) { return each.value == scope; });
  };
  Glance glance(context, "token:read");
  std::size_t looked = 0;
  glance.each([&](const Token& token) {
    for (const std::string& scope : token.scopes) {
      if (!token.revoked_at && !known(scope)) {
        all.push_back({scope, fmt::format("{} has it", escape(token.name))});
      }
    }
    return ++looked < k_most;
  });
  glance.each_function([&](const Function& function) {
    const std::string scope = run_scope(function.name);
    if (!known(scope)) {
      all.push_back({scope, "run the function"});
    }
    return true;
  });
  return all;
}

std::vector<Candidate> functions(Context& context, std::string_view prefix) {
  std::vector<Candidate> names;
  std::vector<Candidate> ids;
  Glance(context, "function:read").each_function([&](const Function& function) {
    names.push_back({function.name, escape(function.settings.description)});
    if (!prefix.empty() && function.id.starts_with(prefix)) {
      ids.push_back({function.id, function.name});
    }
    return names.size() < k_most;
  });
  names.insert(names.end(), ids.begin(), ids.end());
  return names;
}

int run_complete(Context& context, const Arguments& arguments) {
  KnownNames names;
  names.tokens = [&](std::string_view prefix) { return tokens(context, prefix); };
  names.functions = [&](std::string_view prefix) { return functions(context, prefix); };
  names.scopes = [&](std::string_view /*prefix*/) { return scopes(context); };
  try {
    const Completion completion = complete(arguments.positionals(), names);
    for (const Candidate& each : completion.candidates) {
      context.out().line(fmt::format("{}\t{}", each.value, each.text));
    }
    if (!completion.leave_to_shell.empty()) {
      context.out().line(fmt::format("\t{}", completion.leave_to_shell));
    }
    context.out().flush();
  } catch (const std::exception&) { // somebody is typing: whatever is wrong, the command itself will say it
    context.out().discard();
  }
  return EXIT_SUCCESS;
}

} // namespace

constinit const Command k_complete{
    .path = "__complete",
    .summary = "Say what may stand in place of the last word.",
    .details = "One a line: the value, a tab, what it means. A line without a value is for the shell: files, "
               "directories, or command N for another program's command line from word N on.",
    .positionals = k_positionals,
    .opens_store = false,
    .hidden = true,
    .takes_all_words = true,
    .run = run_complete,
};

} // namespace caplet
