#pragma once

#include "core/environment.hpp"

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace caplet {

/// A key of config.toml.
struct Setting {
  std::string_view key;
  std::string_view words;    ///< all its values, with commas; empty: others decide
  std::string_view standard; ///< what holds where it is not set
  std::string_view help;     ///< one clause
};

std::span<const Setting> settings() noexcept;

/// Throws Error{usage} with the nearest key's name.
const Setting& setting(std::string_view key);

/// Throws Error{usage} where the value is none that the key can have.
void check_setting(const Setting& setting, std::string_view value);

/// What a person has chosen once, in a small TOML file that only they may write: a pager is a command that is run.
class Config {
public:
  using Warn = std::function<void(const std::string&)>;

  Config() = default;
  /// Reads the file; none is an empty one. Keys that are not known are named to `warn`, and left alone. Throws
  /// Error{usage} with the line for what is no TOML and for a value that a key cannot have, Error{unsafe} where others
  /// may write the file, Error{unavailable}.
  Config(const std::filesystem::path& file, const Warn& warn);
  /// The same of a text. `name` stands in errors.
  static Config parse(std::string_view text, const std::string& name, const Warn& warn);

  std::optional<std::string> value(std::string_view key) const;

private:
  std::map<std::string, std::string, std::less<>> m_values;
};

/// `config.toml` in CAPLET_HOME, or in caplet/ in XDG_CONFIG_HOME (~/.config). Nothing where no directory
/// is known. Throws Error{usage} for a CAPLET_HOME that is not absolute.
std::optional<std::filesystem::path> config_file(const Environment& environment);

} // namespace caplet
