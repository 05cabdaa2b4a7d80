#include "cli/config.hpp"

#include "cli/commands/all.hpp"
#include "cli/config_edit.hpp"
#include "cli/context.hpp"
#include "cli/token_view.hpp"
#include "core/error.hpp"
#include "core/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>
#include <cstdlib>
#include <optional>

namespace caplet {
namespace {

constexpr std::array k_one{
    Positional{"SETTING", Positional::Count::one, "color, expires, output, pager or profile"},
};

constexpr std::array k_set_positionals{
    Positional{"SETTING", Positional::Count::one, "color, expires, output, pager or profile"},
    Positional{"VALUE", Positional::Count::one, "what it is to be"},
};

std::filesystem::path file_of(const Context& context) {
  const auto file = config_file(context.environment());
  if (!file) {
    throw Error(Errc::usage, "neither CAPLET_HOME nor HOME is set", "set CAPLET_HOME to a directory");
  }
  return *file;
}

int run_get(Context& context, const Arguments& arguments) {
  const Setting& wanted = setting(arguments.positionals().front());
  context.out().line(context.config().value(wanted.key).value_or(""));
  return EXIT_SUCCESS;
}

int run_list(Context& context, const Arguments& arguments) {
  const Config& config = context.config();
  if (output_format(k_config_list, arguments) == "json") {
    nlohmann::ordered_json json = nlohmann::ordered_json::object();
    for (const Setting& each : settings()) {
      const auto value = config.value(each.key);
      json[std::string(each.key)] = value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json();
    }
    context.out().line(json_pretty(json));
    return EXIT_SUCCESS;
  }
  for (const Setting& each : settings()) {
    const auto value = config.value(each.key);
    const std::string text = value ? nlohmann::json(*value).dump() : fmt::format("({})", each.standard);
    context.out().line(fmt::format("{:<9}{:<22} {}", each.key, text, each.help));
  }
  return EXIT_SUCCESS;
}

int run_set(Context& context, const Arguments& arguments) {
  const Setting& wanted = setting(arguments.positionals().front());
  const std::string& value = arguments.positionals().back();
  check_setting(wanted, value);
  change_setting(file_of(context), wanted.key, value);
  return EXIT_SUCCESS;
}

int run_unset(Context& context, const Arguments& arguments) {
  const Setting& wanted = setting(arguments.positionals().front());
  if (context.config().value(wanted.key)) {
    change_setting(file_of(context), wanted.key, std::nullopt);
  }
  return EXIT_SUCCESS;
}

int run_path(Context& context, const Arguments& /*arguments*/) {
  context.out().line(escape(file_of(context).string(), 4096));
  return EXIT_SUCCESS;
}

} // namespace

constinit const Command k_config_get{
    .path = "config get",
    .summary = "Print one of your settings.",
    .details = "Empty where it is not set.",
    .examples = "caplet config get output",
    .positionals = k_one,
    .opens_store = false,
    .run = run_get,
};

constinit const Command k_config_set{
    .path = "config set",
    .summary = "Change one of your settings.",
    .details = "It goes to config.toml, whose other lines and comments stay as they are.",
    .examples = "caplet config set output json\n"
                "caplet config set expires 30d",
    .positionals = k_set_positionals,
    .opens_store = false,
    .run = run_set,
};

constinit const Command k_config_unset{
    .path = "config unset",
    .summary = "Take back one of your settings.",
    .details = "From then on it is what it was before you set it.",
    .examples = "caplet config unset output",
    .positionals = k_one,
    .opens_store = false,
    .run = run_unset,
};

constinit const Command k_config_list{
    .path = "config list",
    .summary = "List the settings, and what each is.",
    .details = "What is not set stands in parentheses.",
    .examples = "caplet config list",
    .formats = "plain,json",
    .opens_store = false,
    .run = run_list,
};

constinit const Command k_config_path{
    .path = "config path",
    .summary = "Say where config.toml is.",
    .examples = "caplet config path",
    .opens_store = false,
    .run = run_path,
};

} // namespace caplet
