#pragma once

#include "cli/command.hpp"
#include "cli/config.hpp"
#include "cli/layout.hpp"
#include "cli/output.hpp"
#include "cli/terminal.hpp"
#include "core/authority.hpp"
#include "core/clock.hpp"
#include "core/environment.hpp"
#include "core/error.hpp"
#include "store/location.hpp"
#include "store/open_store.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace caplet {

/// What a command works with. Costly things (the store) are opened when they are first asked for, so that `help` opens
/// nothing.
class Context {
public:
  Context(Output& out, Output& err, Environment environment, const Clock& clock);

  Output& out() noexcept { return m_out; }
  Output& err() noexcept { return m_err; }
  const Environment& environment() const noexcept { return m_environment; }
  const Clock& clock() const noexcept { return m_clock; }
  /// What tokens are judged by and shown at: Authority::now() once the store is open, before that the clock.
  Instant now() const { return m_authority ? m_authority->now() : m_clock.now(); }

  /// What the person has chosen in config.toml, read when it is first asked for. Throws as Config does.
  const Config& config();

  /// `--color`, told before the command runs.
  void set_color(std::optional<std::string> choice) { m_color = std::move(choice); }
  /// Where neither that nor a variable says it, the setting does; a file that cannot be read says nothing here.
  bool colors(const Output& stream);
  bool utf8() const { return is_utf8_locale(m_environment); }
  /// For texts on standard output: a narrow terminal's width, else the usual one.
  Layout layout() const;

  /// The use cases over the store. Throws Error{missing} where there is none.
  Authority& authority();
  /// The same; the store is made with the defaults first where there is none, and a word about it goes to standard
  /// error.
  Authority& authority_making_store();
  /// The same, made ready for a function's run.
  Authority& authority_for_run();
  /// The same over a store that other commands would refuse, to say what is wrong with it.
  Authority& authority_for_check();
  bool has_store();
  /// Whether there is a person at a terminal who could be asked.
  bool can_ask(const Arguments& arguments) const;
  /// Makes the store, and says where. Throws Error{exists}.
  void create(NewStore wanted);
  const Location& location();
  /// From now on the key file is this one.
  void set_key_file(const std::string& path);

  /// How the command line says that the store is unlocked, told before the command runs.
  void set_unlocking(Unlocking unlocking) { m_unlocking = std::move(unlocking); }
  const Unlocking& unlocking() const noexcept { return m_unlocking; }

  /// The store itself, for what only its owner may do: require_owner(). A login that is kept in it does not refuse it,
  /// for whoever opens the store could as well forget that; it is said that it does not count.
  LocalStore& owners_store(Opening opening = Opening::strict);
  /// Throws Error{denied} where the environment gives a token, or names a login: what runs with a token must not act as
  /// the owner. The attempt is recorded.
  void require_owner();
  /// The store that authority() works with, opened anew: for a process that was forked from this one.
  std::unique_ptr<LocalStore> reopened_store() const { return m_store->reopen(); }
  /// An event by the owner, now.
  Event owners_event();

  /// Who acts: the token that the command line or the environment gives, or else the owner.
  Actor actor(const Arguments& arguments);
  Actor actor(const std::optional<Secret>& token);

  /// `caplet: error: …` and its hint, `caplet: warning: …` and `caplet: hint: …` on standard error. No token comes out
  /// of them.
  void report(const Error& error);
  void warn(std::string_view message) { say("warning:", Style::yellow, message); }
  void hint(std::string_view message) { say("hint:", Style::cyan, message); }

private:
  Authority& authority(Opening opening);
  void warn_of_clock();
  void tell_of_login();
  void say(std::string_view label, Style style, std::string_view message);

  Output& m_out;
  Output& m_err;
  Environment m_environment;
  const Clock& m_clock;
  std::optional<std::string> m_color;
  bool m_color_is_known = false;
  std::optional<Config> m_config;
  std::optional<Location> m_location;
  bool m_key_elsewhere = false;
  Unlocking m_unlocking;
  bool m_told_of_login = false;
  std::unique_ptr<LocalStore> m_store;
  std::unique_ptr<Authority> m_authority;
};

/// The path from the root on. Throws Error{usage} for an empty one, Error{unavailable} where this process is nowhere.
std::filesystem::path absolute_path(const std::string& path);

/// Login name of the user of this process, made fit to be an account's name.
std::string login_name();

} // namespace caplet
