#include "cli/commands/all.hpp"
#include "cli/completion.hpp"
#include "cli/context.hpp"
#include "cli/look_limit.hpp"
#include "cli/token_source.hpp"
#include "cli/token_view.hpp"
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

constexpr std::size_t k_most_ids = 100; ///< that begin as the word does

/// The store, opened without waiting for anybody and without asking for anything, and who looks at it: whom the command
/// would act as, by what was typed of it. Throws where it would be refused, or where only the command may tell.
class Glance {
public:
  /// `scope`: what a scoped token needs for such a look.
  Glance(Context& context, const Arguments& given, std::string_view scope)
      : m_store(open_store(context.location(), Opening::at_once)), m_authority(*m_store, context.clock()) {
    const auto found = acting_token_in_passing(context, given, m_authority);
    m_is_person = !found || found->is_login;
    if (!found) {
      m_actor = m_authority.owner(0);
      return;
    }
    const Verdict verdict = m_authority.verify(found->token.text()); // not authenticate(): a look leaves no trace
    if (verdict.valid() && (verdict.token->kind == TokenKind::pat || covers(verdict.token->scopes, scope))) {
      m_actor = m_authority.owner(0);
      m_actor->account = verdict.token->account;
    }
  }

  /// The tokens that are not revoked, until it has taken too long.
  void each(const std::function<void(const Token&)>& visit) {
    if (m_actor) {
      LookLimit limit;
      m_authority.each(*m_actor, [&](const Token& token) {
        if (!token.revoked_at) {
          visit(token);
        }
        return limit.goes_on();
      });
    }
  }
  void each_function(const std::function<void(const Function&)>& visit) {
    if (m_actor) {
      LookLimit limit;
      m_authority.each_function(*m_actor, [&](const Function& function) {
        visit(function);
        return limit.goes_on();
      });
    }
  }
  /// However many tokens there are: this one, if it is not revoked, and those with such ids.
  std::optional<Token> named(std::string_view name) {
    return m_actor && !name.empty() ? m_store->token_named(m_actor->account, name) : std::nullopt;
  }
  std::vector<Token> with_ids(std::string_view prefix) {
    auto tokens = m_actor && !prefix.empty() ? m_store->tokens_with_prefix(prefix, k_most_ids) : std::vector<Token>();
    std::erase_if(tokens, [&](const Token& token) { return token.account != m_actor->account; });
    return tokens;
  }
  /// What belongs to the person at the store's key, logged in or not. Nothing for whom a token was handed to.
  LocalStore* persons_store() { return m_is_person ? m_store.get() : nullptr; }
  Instant now() { return m_authority.now(); }

private:
  std::unique_ptr<LocalStore> m_store;
  Authority m_authority;
  std::optional<Actor> m_actor;
  bool m_is_person = false;
};

std::string about(const Token& token, Instant now) {
  std::string text = token.description.empty() ? token.id : token.description;
  const TokenState state = state_of(token, now);
  return escape(state == TokenState::active ? text : fmt::format("{}: {}", to_string(state), text));
}

/// Names of tokens that are not revoked, and the ids that begin as the word does.
std::vector<Candidate> tokens(Context& context, std::string_view prefix, const Arguments& given) {
  Glance glance(context, given, "token:read");
  const Instant now = glance.now();
  std::vector<Candidate> all;
  const auto exact = glance.named(prefix);
  bool is_there = !exact;
  const auto add = [&](const Token& token) {
    if (token.name.starts_with(prefix) && escape(token.name) == token.name) {
      all.push_back({token.name, about(token, now)});
      is_there = is_there || token.id == exact->id;
    }
  };
  glance.each(add);
  if (!is_there) {
    add(*exact);
  }
  for (const Token& token : glance.with_ids(prefix)) {
    all.push_back({token.id, escape(token.name)});
  }
  return all;
}

/// Those that caplet knows itself, and those that tokens have.
std::vector<Candidate> scopes(Context& context, const Arguments& given) {
  std::vector<Candidate> all{{"token:read", "list and show tokens"},
                             {"audit:read", "read the audit log"},
                             {"function:read", "list and show functions"}};
  const auto known = [&](std::string_view scope) {
    return std::any_of(all.begin(), all.end(), [&](const Candidate& each) { return each.value == scope; });
  };
  Glance glance(context, given, "token:read");
  glance.each([&](const Token& token) {
    for (const std::string& scope : token.scopes) {
      if (!known(scope)) {
        all.push_back({scope, fmt::format("{} has it", escape(token.name))});
      }
    }
  });
  glance.each_function([&](const Function& function) {
    const std::string scope = run_scope(function.name);
    if (!known(scope)) {
      all.push_back({scope, "run the function"});
    }
  });
  return all;
}

std::vector<Candidate> functions(Context& context, std::string_view prefix, const Arguments& given) {
  std::vector<Candidate> names;
  std::vector<Candidate> ids;
  Glance(context, given, "function:read").each_function([&](const Function& function) {
    names.push_back({function.name, escape(function.settings.description)});
    if (!prefix.empty() && function.id.starts_with(prefix)) {
      ids.push_back({function.id, function.name});
    }
  });
  names.insert(names.end(), ids.begin(), ids.end());
  return names;
}

std::vector<Candidate> profiles(Context& context, const Arguments& given) {
  Glance glance(context, given, "");
  std::vector<Candidate> all;
  if (LocalStore* store = glance.persons_store()) {
    for (std::string& profile : store->profiles()) {
      all.push_back({std::move(profile), "is logged in"});
    }
  }
  return all;
}

std::vector<Candidate> slots(Context& context, const Arguments& given) {
  Glance glance(context, given, "");
  std::vector<Candidate> all;
  if (LocalStore* store = glance.persons_store()) {
    for (const SlotInfo& slot : store->slots()) {
      const std::string since = slot.created_at ? local_time(*slot.created_at) : "unknown";
      all.push_back({slot.id, fmt::format("{}, since {}", to_string(slot.kind), since)});
    }
  }
  return all;
}

int run_complete(Context& context, const Arguments& arguments) {
  KnownNames names;
  names.tokens = [&](std::string_view prefix, const Arguments& given) { return tokens(context, prefix, given); };
  names.functions = [&](std::string_view prefix, const Arguments& given) { return functions(context, prefix, given); };
  names.scopes = [&](std::string_view /*prefix*/, const Arguments& given) { return scopes(context, given); };
  names.profiles = [&](std::string_view /*prefix*/, const Arguments& given) { return profiles(context, given); };
  names.slots = [&](std::string_view /*prefix*/, const Arguments& given) { return slots(context, given); };
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
