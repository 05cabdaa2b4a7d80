// config.toml: whatever stands in it, it is read or refused; and what `config set` writes into it is read back.

#include "cli/config.hpp"
#include "cli/config_edit.hpp"
#include "core/error.hpp"
#include "tests/fuzz/input.hpp"

using namespace caplet;
using fuzz::require;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input in(data, size);
  const std::size_t which = in.byte() % settings().size();
  const std::string text(in.rest());
  const auto ignore = [](const std::string& warning) { require(!warning.empty(), "a warning has words"); };
  try {
    const Config config = Config::parse(text, "config.toml", ignore);
    for (const Setting& each : settings()) {
      if (const auto value = config.value(each.key)) {
        check_setting(each, *value); // what was read can be set
      }
    }
    const Setting& setting = settings()[which];
    const std::string value =
        setting.words.empty() ? "12h" : std::string(setting.words.substr(0, setting.words.find(',')));
    const std::string changed = with_setting(text, setting.key, value);
    require(Config::parse(changed, "config.toml", ignore).value(setting.key) == value, "what is set is read back");
    const std::string without = with_setting(changed, setting.key, std::nullopt);
    require(!Config::parse(without, "config.toml", ignore).value(setting.key), "what is unset is gone");
  } catch (const Error& e) {
    require(e.code() == Errc::usage, "a bad file is a usage error");
    require(!e.hint().empty(), "a refusal has a hint");
  }
  return 0;
}
