#include "store/location.hpp"

#include "core/error.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <cstdlib>

namespace caplet {
namespace {

namespace fs = std::filesystem;

fs::path absolute_or_throw(std::string_view variable, const std::string& value) {
  fs::path path(value);
  if (!path.is_absolute()) {
    throw Error(Errc::usage, fmt::format("{} is not an absolute path: {}", variable, escape(value)),
                fmt::format("set {} to a path that starts with /", variable));
  }
  return path;
}

/// What a variable says, where that is an absolute path.
std::optional<fs::path> absolute(const Environment& environment, std::string_view variable) {
  const auto value = environment(variable);
  return value && fs::path(*value).is_absolute() ? std::optional<fs::path>(*value) : std::nullopt;
}

/// XDG Base Directory Specification: a variable that is not set, empty or relative is ignored in favour of its default.
fs::path xdg(const Environment& environment, std::string_view variable, std::string_view default_in_home) {
  if (const auto path = absolute(environment, variable)) {
    return *path / "caplet";
  }
  const auto home = environment("HOME");
  if (!home) {
    throw Error(Errc::usage, "neither CAPLET_HOME nor HOME is set",
                "set CAPLET_HOME to a directory for the store and its key");
  }
  return absolute_or_throw("HOME", *home) / default_in_home / "caplet";
}

} // namespace

std::optional<fs::path> config_directory(const Environment& environment) {
  if (const auto home = environment("CAPLET_HOME")) {
    return absolute_or_throw("CAPLET_HOME", *home);
  }
  if (const auto xdg_home = absolute(environment, "XDG_CONFIG_HOME")) {
    return *xdg_home / "caplet";
  }
  const auto home = absolute(environment, "HOME");
  return home ? std::optional(*home / ".config/caplet") : std::nullopt;
}

Location locate(const Environment& environment) {
  Location location;
  if (const auto home = environment("CAPLET_HOME")) {
    const fs::path directory = absolute_or_throw("CAPLET_HOME", *home);
    location.store = directory / "store.db";
    location.key = directory / "key";
    location.anchor = directory / "anchor";
  } else {
    location.store = xdg(environment, "XDG_DATA_HOME", ".local/share") / "store.db";
    location.key = xdg(environment, "XDG_CONFIG_HOME", ".config") / "key";
    if (environment("XDG_STATE_HOME") || environment("HOME")) { // the one file that a store can do without
      location.anchor = xdg(environment, "XDG_STATE_HOME", ".local/state") / "anchor";
    }
  }
  location.reserve = location.store.string() + ".reserve";
  if (const auto key = environment("CAPLET_KEY_FILE")) {
    location.key = absolute_or_throw("CAPLET_KEY_FILE", *key);
    location.key_is_given = true;
  } else if (const auto credentials = environment("CREDENTIALS_DIRECTORY")) {
    const fs::path key_there = fs::path(*credentials) / "caplet.key";
    std::error_code ignored;
    if (key_there.is_absolute() && fs::exists(key_there, ignored)) {
      location.key = key_there;
      location.key_is_given = true;
    }
  }
  return location;
}

Location locate() {
  return locate([](std::string_view name) -> std::optional<std::string> {
    const char* value = ::secure_getenv(std::string(name).c_str());
    return value != nullptr && *value != '\0' ? std::optional<std::string>(value) : std::nullopt;
  });
}

Location resolved(const Location& location) {
  Location real = location;
  std::error_code error;
  const fs::path directory = fs::canonical(location.store.parent_path(), error);
  if (!error) {
    real.store = directory / location.store.filename();
    if (!real.reserve.empty()) {
      real.reserve = directory / location.reserve.filename();
    }
  }
  return real;
}

} // namespace caplet
