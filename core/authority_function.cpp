// Functions and their runs. Declared in authority.hpp.

#include "core/authority.hpp"
#include "core/error.hpp"
#include "core/scope.hpp"
#include "core/text.hpp"
#include "core/use.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

namespace caplet {
namespace {

constexpr std::string_view k_start = "function.run.start";
constexpr std::string_view k_end = "function.run.end";

Error no_such_function(std::string_view selector) {
  return {Errc::not_found, fmt::format("no function \"{}\"", escape(selector, 80)), "list them: caplet function list"};
}

void check_settings(const FunctionSettings& settings, ByteView body) {
  check_description(settings.description);
  if (body.empty() || body.size() > Function::k_largest_body) {
    throw Error(Errc::usage,
                fmt::format("a function has 1 to {} bytes, and this has {}", Function::k_largest_body, body.size()),
                "give a script or a program");
  }
  if (settings.environment.size() > Function::k_most_variables || settings.passed.size() > Function::k_most_variables) {
    throw Error(Errc::usage, fmt::format("a function has at most {} variables", Function::k_most_variables),
                "put more into the script itself");
  }
}

/// The values of its variables may be secrets of the owner's: who only runs or lists functions learns the names.
Function as_seen_by(const Actor& actor, Function function) {
  if (!actor.may_manage) {
    for (std::string& each : function.settings.environment) {
      each.erase(std::min(each.find('='), each.size()));
    }
  }
  return function;
}

std::string words_of(const FunctionRevision& revision) {
  return fmt::format("revision {}, sha256 {}", revision.number, to_hex(revision.sha256));
}

} // namespace

Function Authority::create_function(const Actor& actor, const std::string& name, const FunctionSettings& settings,
                                    ByteView body, OnTaken on_taken) {
  require_management(actor, "create functions");
  check_function_name(name);
  check_settings(settings, body);
  FunctionRevision revision;
  revision.sha256 = sha256(body);
  revision.size = body.size();
  revision.created_at = std::chrono::floor<std::chrono::seconds>(m_clock.now());
  revision.created_by = actor.id;

  const auto change = m_store.begin();
  auto known = change->function_named(actor.account, name);
  if (known && on_taken == OnTaken::refuse) {
    throw Error(Errc::exists, fmt::format(R"(a function named "{}" exists already ({}))", escape(name), known->id),
                "choose another name, or make its next revision: --replace");
  }
  Function function = known.value_or(Function());
  function.settings = settings;
  if (known) {
    revision.number = known->revision.number + 1;
    function.earlier.insert(function.earlier.begin(), known->revision);
    if (function.earlier.size() > Function::k_most_earlier) {
      function.earlier.pop_back();
    }
  } else {
    function.account = actor.account;
    function.name = name;
    do {
      function.id = draw_id();
    } while (change->function(function.id) || change->token(function.id));
  }
  function.revision = revision;
  Event entry = function_event(actor, known ? "function.replace" : "function.create", function);
  entry.reason = words_of(revision);
  if (known) {
    change->update(function, body);
  } else {
    change->insert(function, body);
  }
  change->append(entry);
  change->commit();
  return function;
}

std::optional<Function> Authority::look_up_function(Records& records, const Actor& actor, std::string_view selector) {
  if (selector.empty()) {
    throw Error(Errc::usage, "the function's id or name is empty", "list them: caplet function list");
  }
  if (const auto slash = selector.find('/'); slash != std::string_view::npos) {
    if (name_key(selector.substr(0, slash)) != name_key(account_name(actor.account))) {
      return std::nullopt;
    }
    selector.remove_prefix(slash + 1);
  }
  auto function =
      looks_like_id(selector) ? records.function(selector) : records.function_named(actor.account, selector);
  return function && function->account == actor.account ? std::move(function) : std::nullopt;
}

Function Authority::find_function(const Actor& actor, std::string_view selector) {
  auto function = look_up_function(m_store, actor, selector);
  if (!function || !covers(actor.scopes, run_scope(function->name))) {
    require(actor, "function:read", "read functions");
  }
  if (!function) {
    throw no_such_function(selector);
  }
  return as_seen_by(actor, std::move(*function));
}

void Authority::each_function(const Actor& actor, const std::function<bool(const Function&)>& visit) {
  require(actor, "function:read", "list functions");
  m_store.each_function([&](const Function& function) {
    return function.account != actor.account || visit(as_seen_by(actor, function));
  });
}

Bytes Authority::function_body(const Actor& actor, const Function& function) {
  if (actor.kind != Actor::Kind::owner) {
    refuse(actor, "read what is in a function", "only the owner may");
  }
  Bytes body = m_store.function_body(function.id);
  if (sha256(body) != function.revision.sha256) {
    throw Error(Errc::damaged, fmt::format("the function {} has other bytes than it should", escape(function.name)),
                "see what is wrong: caplet store check; then restore the store from a backup");
  }
  return body;
}

Function Authority::delete_function(const Actor& actor, std::string_view selector) {
  require_management(actor, "delete functions");
  const auto change = m_store.begin();
  const auto function = look_up_function(*change, actor, selector);
  if (!function) {
    throw no_such_function(selector);
  }
  change->remove_function(function->id);
  Event entry = function_event(actor, "function.delete", *function);
  entry.reason = words_of(function->revision);
  change->append(entry);
  change->commit();
  return *function;
}

FunctionRun Authority::prepare_run(const Actor& actor, std::string_view selector,
                                   const std::optional<Digest>& expected) {
  const std::string what = fmt::format("run {}", escape(selector, 80));
  for (;;) {
    const auto function = look_up_function(m_store, actor, selector);
    // In words that are the same whether there is such a function or not.
    const std::string wanted = run_scope(function ? std::string_view(function->name) : selector);
    if (is_scope(wanted)) {
      require(actor, wanted, what);
    } else {
      require_management(actor, what); // no scope could name it
    }
    if (!function) {
      throw no_such_function(selector);
    }
    if (expected && function->revision.sha256 != *expected) {
      note_may_not(actor, fmt::format("{}: it has other bytes than were asked for", what), {});
      throw Error(Errc::refused,
                  fmt::format("the function {} has other bytes: its SHA-256 is {}", escape(function->name),
                              to_hex(function->revision.sha256)),
                  fmt::format("see what was changed: caplet function show {}", escape(function->name)));
    }
    // Two records, which somebody may replace or delete between the two looks.
    const auto is_as_it_was = [&] { return m_store.function(function->id) == function; };
    try {
      Bytes body = m_store.function_body(function->id);
      if (is_as_it_was()) {
        return {draw_id(), *function, std::move(body)};
      }
    } catch (const Error& e) {
      if (e.code() != Errc::damaged || is_as_it_was()) {
        throw;
      }
    }
  }
}

bool Authority::begin_run(const Actor& actor, const FunctionRun& run, const CommitHooks& hooks) {
  const auto change = m_store.begin_recurring();
  if (change->function(run.function.id) != run.function) {
    return false;
  }
  if (auto token = actor.kind == Actor::Kind::token ? change->token(actor.id) : std::nullopt) {
    const std::array wanted{run_scope(run.function.name)};
    const std::uint64_t used = token->scopes_used | scopes_asked(*token, wanted);
    if (used != token->scopes_used) {
      token->scopes_used = used;
      change->update(*token);
    }
  }
  Event entry = function_event(actor, std::string(k_start), run.function);
  entry.reason = fmt::format("run {}: {}", run.id, words_of(run.function.revision));
  change->append(entry);
  change->commit(hooks);
  return true;
}

void Authority::end_run(const Actor& actor, const FunctionRun& run, std::string_view how) {
  const auto change = m_store.begin_recurring();
  Event entry = function_event(actor, std::string(k_end), run.function);
  entry.reason = fmt::format("run {}: {}", run.id, how);
  change->append(entry);
  change->commit();
}

std::vector<Event> Authority::unfinished_runs(const Actor& actor) {
  require(actor, "audit:read", "read the audit log");
  std::map<std::string, Event, std::less<>> open;
  m_store.each_event(0, [&](const Event& event) {
    const std::string_view run = std::string_view(event.reason).substr(0, event.reason.find(':'));
    if (event.action == k_start) {
      open.emplace(run, event);
    } else if (event.action == k_end) {
      open.erase(std::string(run));
    }
    return true;
  });
  std::vector<Event> events;
  events.reserve(open.size());
  for (auto& [run, event] : open) {
    events.push_back(std::move(event));
  }
  std::sort(events.begin(), events.end(), [](const Event& a, const Event& b) { return a.seq < b.seq; });
  return events;
}

Event Authority::function_event(const Actor& actor, std::string action, const Function& target) const {
  Event entry = event(actor, std::move(action), Token());
  entry.target_id = target.id;
  entry.target_name = target.name;
  return entry;
}

} // namespace caplet
