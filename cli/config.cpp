#include "cli/config.hpp"

#include "cli/command.hpp"
#include "cli/suggest.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "core/time_text.hpp"
#include "store/files.hpp"
#include "store/location.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <toml++/toml.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

namespace caplet {
namespace {

constexpr std::size_t k_longest_value = 256;

constexpr std::array k_settings{
    Setting{"color", "auto,always,never", "auto", "when to colour; --color and the variables go before it"},
    Setting{"expires", "", "the store's policy", "expiry of a token that you make: 30d, never"},
    Setting{"output", "table,json,jsonl,tsv,name", "table", "how to print lists, where a command has it"},
    Setting{"pager", "", "$PAGER, or less", "what shows long lists; empty: nothing"},
    Setting{"profile", "", "default", "the login that is used; CAPLET_PROFILE goes before it"},
};

std::string line_of(const toml::source_region& where) { return fmt::format("line {}", where.begin.line); }

} // namespace

std::span<const Setting> settings() noexcept { return k_settings; }

const Setting& setting(std::string_view key) {
  std::vector<std::string_view> keys;
  for (const Setting& each : k_settings) {
    if (each.key == key) {
      return each;
    }
    keys.push_back(each.key);
  }
  const std::string_view meant = closest(key, keys);
  throw Error(Errc::usage, fmt::format("there is no setting \"{}\"", escape(key, 40)),
              meant.empty() ? fmt::format("one of: {}", fmt::join(keys, ", "))
                            : fmt::format("did you mean {}?", meant));
}

void check_setting(const Setting& setting, std::string_view value) {
  const auto words = split(setting.words);
  const auto refuse = [&](std::string_view what) {
    throw Error(Errc::usage, fmt::format("{} cannot be \"{}\"", setting.key, escape(value, 40)), std::string(what));
  };
  if (!words.empty() && std::find(words.begin(), words.end(), value) == words.end()) {
    refuse(fmt::format("one of: {}", fmt::join(words, ", ")));
  }
  if (setting.key == "expires" && value != "never" && !parse_duration(value)) {
    refuse("for example: 30d, 12h, never");
  }
  if (setting.key == "profile") {
    check_name(value);
  }
  if (value.size() > k_longest_value || escape(value) != value) {
    refuse("give up to 256 visible characters");
  }
}

Config Config::parse(std::string_view text, const std::string& name, const Warn& warn) {
  Config config;
  toml::table table;
  try {
    table = toml::parse(text);
  } catch (const toml::parse_error& e) {
    throw Error(Errc::usage, fmt::format("{} is no TOML at {}: {}", name, line_of(e.source()), escape(e.description())),
                "write lines like: output = \"json\"");
  }
  for (const auto& [key, node] : table) {
    const std::string_view word = key.str();
    const auto* const known =
        std::find_if(k_settings.begin(), k_settings.end(), [&](const Setting& each) { return each.key == word; });
    if (known == k_settings.end()) {
      warn(fmt::format("{}, {}: there is no setting \"{}\"", name, line_of(node.source()), escape(word, 40)));
      continue;
    }
    const auto value = node.value<std::string>();
    if (!value || !node.is_string()) {
      throw Error(Errc::usage, fmt::format("{}, {}: {} is not a text", name, line_of(node.source()), known->key),
                  fmt::format("put it in quotes: {} = \"...\"", known->key));
    }
    check_setting(*known, *value);
    config.m_values.emplace(word, *value);
  }
  return config;
}

Config::Config(const std::filesystem::path& file, const Warn& warn) {
  constexpr std::size_t k_longest_file = std::size_t{64} * 1024;
  const Fd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd.is_open() && (errno == ENOENT || errno == ENOTDIR)) {
    return;
  }
  const std::string name = escape(file.string(), 4096);
  struct stat status {};
  if (!fd.is_open() || ::fstat(fd.get(), &status) != 0) {
    throw Error(Errc::unavailable, fmt::format("cannot read {}: {}", name, std::strerror(errno)),
                "see who may read it: ls -l");
  }
  if (!S_ISREG(status.st_mode)) {
    throw Error(Errc::unsafe, fmt::format("{} is no regular file", name), "put a file there, or nothing");
  }
  const bool is_ours = status.st_uid == ::geteuid() || status.st_uid == 0;
  if (!is_ours || (status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    throw Error(Errc::unsafe, fmt::format("others could change {}", name), "make it yours alone: chmod go-w");
  }
  std::string text(k_longest_file, '\0');
  const auto length = uninterrupted([&] { return ::read(fd.get(), text.data(), text.size()); });
  if (length < 0) {
    throw Error(Errc::unavailable, fmt::format("cannot read {}: {}", name, std::strerror(errno)), "try again");
  }
  if (static_cast<std::size_t>(length) == text.size()) {
    throw Error(Errc::usage, fmt::format("{} is longer than 64 KiB", name), "make it shorter");
  }
  text.resize(static_cast<std::size_t>(length));
  *this = parse(text, name, warn);
}

std::optional<std::string> Config::value(std::string_view key) const {
  const auto found = m_values.find(key);
  return found == m_values.end() ? std::nullopt : std::optional(found->second);
}

std::optional<std::filesystem::path> config_file(const Environment& environment) {
  const auto directory = config_directory(environment);
  return directory ? std::optional(*directory / "config.toml") : std::nullopt;
}

} // namespace caplet
