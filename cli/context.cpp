#include "cli/context.hpp"

#include "cli/token_source.hpp"
#include "core/error.hpp"
#include "core/redaction.hpp"
#include "core/text.hpp"
#include "core/time_text.hpp"
#include "store/open_store.hpp"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>

namespace caplet {

Context::Context(Output& out, Output& err, Environment environment, const Clock& clock)
    : m_out(out), m_err(err), m_environment(std::move(environment)), m_clock(clock) {}

Layout Context::layout() const {
  constexpr std::size_t k_widest = 100; // longer lines are hard to read
  constexpr std::size_t k_narrowest = 40;
  const auto width = terminal_width(m_out);
  return Layout(width ? std::clamp(*width, k_narrowest, k_widest) : Layout::k_usual);
}

const Config& Context::config() {
  if (!m_config) {
    const auto file = config_file(m_environment);
    m_config.emplace(); // a warning asks for colours, and must not come back here
    try {
      m_config = file ? Config(*file, [&](const std::string& warning) { warn(warning); }) : Config();
    } catch (const Error&) {
      m_config.reset();
      throw;
    }
  }
  return *m_config;
}

bool Context::colors(const Output& stream) {
  const auto is_set = [&](std::string_view variable) { return m_environment(variable).has_value(); };
  if (!m_color_is_known) {
    m_color_is_known = true;
    if (!m_color && !is_set("NO_COLOR") && !is_set("CLICOLOR_FORCE") && !is_set("CLICOLOR")) {
      try {
        m_color = config().value("color");
      } catch (const Error&) { // which the command says, where it needs one
      }
    }
  }
  return wants_color(stream, m_color, m_environment);
}

const Location& Context::location() {
  if (!m_location) {
    m_location = locate(m_environment);
  }
  return *m_location;
}

Authority& Context::authority(Opening opening) {
  if (!m_authority) {
    if (!m_store) {
      m_store = open_store(location(), opening, m_unlocking);
    }
    m_authority = std::make_unique<Authority>(*m_store, m_clock);
    warn_of_clock();
  }
  return *m_authority;
}

void Context::warn_of_clock() {
  constexpr auto k_skew = std::chrono::minutes(5); // of machines that share a store
  const Instant now = m_clock.now();
  if (m_store->latest() > now + k_skew) {
    warn(fmt::format("the clock says {}, and the store has seen {}: tokens are judged by the later",
                     format_rfc3339(now), format_rfc3339(m_store->latest())));
    hint("set the clock; or, if it is right now: caplet store check --accept-clock");
  }
}

Authority& Context::authority() { return authority(Opening::strict); }

Authority& Context::authority_for_run() { return authority(Opening::for_run); }

Authority& Context::authority_for_check() { return authority(Opening::for_check); }

Authority& Context::authority_making_store() {
  if (!m_authority && !has_store()) {
    try {
      NewStore wanted;
      wanted.account = login_name();
      create(std::move(wanted));
    } catch (const Error& e) {
      if (e.code() != Errc::exists) { // another process was first
        throw;
      }
    }
  }
  return authority();
}

bool Context::can_ask(const Arguments& arguments) const {
  return !arguments.has("no-input") && ::isatty(STDIN_FILENO) == 1 && m_err.is_terminal();
}

bool Context::has_store() { return store_exists(location()); }

void Context::create(NewStore wanted) {
  wanted.os_uid = geteuid();
  create_store(location(), wanted, m_clock);
  m_err.line(fmt::format("Made the store {}", escape(location().store.string(), 4096)));
  if (wanted.passphrase) {
    m_err.line("Keep the passphrase in mind: without it nobody opens the store, you included.");
    return;
  }
  m_err.line(fmt::format("and its key    {}", escape(location().key.string(), 4096)));
  if (m_key_elsewhere) {
    m_err.line(fmt::format("Say so from now on: export CAPLET_KEY_FILE={}", escape(location().key.string(), 4096)));
  }
  m_err.line("Keep a copy of the key: without it nobody opens the store, you included.");
}

void Context::set_key_file(const std::string& path) {
  location();
  m_location->key = absolute_path(path);
  m_key_elsewhere = true;
}

void Context::require_owner() {
  const std::string_view source = acting_variable(m_environment);
  if (source.empty()) {
    return;
  }
  try {
    if (const auto token = has_store() ? acting_token(*this, Arguments()) : std::nullopt) {
      authority().note_owners_work(token->text(), geteuid());
    }
  } catch (const Error&) { // NOLINT(bugprone-empty-catch): it is refused, whether it can be recorded or not
  }
  throw Error(Errc::denied, fmt::format("no token may do this, only the owner of the store, and {} is set", source),
              fmt::format("if you are the owner: unset {}", source));
}

LocalStore& Context::owners_store(Opening opening) {
  require_owner();
  if (!m_store) {
    m_store = open_store(location(), opening, m_unlocking);
  }
  tell_of_login();
  return *m_store;
}

void Context::tell_of_login() {
  if (m_told_of_login) {
    return;
  }
  m_told_of_login = true;
  try {
    const std::string profile = profile_of(*this, Arguments());
    if (m_store->credential(profile)) {
      m_err.line(fmt::format("Done as the owner, not as the login \"{}\": no token may.", escape(profile)));
    }
  } catch (const Error&) { // NOLINT(bugprone-empty-catch): of a store that does not read the command says more
  }
}

Event Context::owners_event() {
  const auto account = m_store->account(m_store->info().account);
  Event event;
  event.time = m_clock.now();
  event.actor_name = account ? account->name : "";
  event.os_uid = geteuid();
  return event;
}

Actor Context::actor(const Arguments& arguments) { return actor(acting_token(*this, arguments)); }

Actor Context::actor(const std::optional<Secret>& token) {
  return token ? authority().authenticate(token->text(), geteuid()) : authority().owner(geteuid());
}

void Context::report(const Error& error) {
  say("error:", Style::red, error.what());
  if (!error.hint().empty()) {
    hint(error.hint());
  }
}

void Context::say(std::string_view label, Style style, std::string_view message) {
  m_err.line(fmt::format("caplet: {} {}", styled(label, style, colors(m_err)), redact_tokens(message)));
  m_err.flush(); // now: what comes next may take its time, or go to standard output
}

std::filesystem::path absolute_path(const std::string& path) {
  if (path.empty()) {
    throw Error(Errc::usage, "the file's name is empty", "was the variable set?");
  }
  std::error_code error;
  auto absolute = std::filesystem::absolute(path, error);
  if (error) {
    throw Error(Errc::unavailable, fmt::format("cannot tell where {} is: {}", escape(path, 4096), error.message()),
                "give a path that starts with /");
  }
  return absolute;
}

std::string login_name() {
  const passwd* entry = ::getpwuid(::geteuid());
  std::string name = entry != nullptr ? entry->pw_name : "";
  try {
    check_name(name);
    return name;
  } catch (const Error&) {
    return "owner";
  }
}

} // namespace caplet
