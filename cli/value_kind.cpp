#include "cli/value_kind.hpp"

#include <algorithm>
#include <array>

namespace caplet {
namespace {

using enum ValueKind;

constexpr std::array k_labels{
    Label{"BYTES", text},      Label{"NAME=VALUE", text}, Label{"ACTOR", token},   Label{"ADDRESS", text},
    Label{"RULE", rule},       Label{"RULE=VALUE", rule}, Label{"AUDIENCE", text}, Label{"CMD", command},
    Label{"COMMAND", command}, Label{"DIR", directory},   Label{"DUR", duration},  Label{"DURATION", duration},
    Label{"FIELD", field},     Label{"FILE", file},       Label{"FORMAT", words},  Label{"FUNCTION", function},
    Label{"GLOB", text},       Label{"ID", text},         Label{"INPUT", text},    Label{"IP", text},
    Label{"K", text},          Label{"K=V", text},        Label{"KEY", text},      Label{"KEY=VALUE", text},
    Label{"KIND", words},      Label{"N", text},          Label{"NAME", text},     Label{"NET", text},
    Label{"PATH", file},       Label{"PREFIX", text},     Label{"PROGRAM", words}, Label{"SIZE", text},
    Label{"SCOPE", scope},     Label{"SETTING", key},     Label{"SHA256", text},   Label{"SHELL", words},
    Label{"SLOT", slot},       Label{"STATE", words},     Label{"TEXT", text},     Label{"TIME", duration},
    Label{"TOKEN", token},     Label{"TOPIC", topic},     Label{"URL", text},      Label{"VALUE", setting},
    Label{"VARIABLE", text},   Label{"WHEN", time},       Label{"WORD", text},
};

ValueKind kind_of(std::string_view label, std::string_view row_words) {
  if (!row_words.empty()) {
    return words;
  }
  const auto* const found =
      std::find_if(k_labels.begin(), k_labels.end(), [&](const Label& each) { return each.name == label; });
  return found == k_labels.end() ? text : found->kind;
}

} // namespace

std::span<const Label> labels() { return k_labels; }

ValueKind kind_of(const Option& option) {
  const std::string_view key = key_of(option);
  if (key == "token") { // the string itself; elsewhere a TOKEN is looked up
    return secret;
  }
  if (key == "profile") {
    return profile;
  }
  return key == "expires" ? expiry : kind_of(option.value, option.words);
}

ValueKind kind_of(const Positional& positional) { return kind_of(positional.name, positional.words); }

bool runs_another(const Command& command) {
  return !command.positionals.empty() && kind_of(command.positionals.back()) == ValueKind::command;
}

} // namespace caplet
