#include "cli/command.hpp"

#include "cli/commands/all.hpp"
#include "core/secret.hpp"

#include <algorithm>
#include <array>

namespace caplet {
namespace {

constexpr std::array k_commands{
    &k_init,
    &k_token_create,
    &k_token_list,
    &k_token_show,
    &k_token_rotate,
    &k_token_delete,
    &k_token_prune,
    &k_token_inspect,
    &k_verify,
    &k_can,
    &k_login,
    &k_logout,
    &k_whoami,
    &k_function_create,
    &k_function_list,
    &k_function_show,
    &k_function_delete,
    &k_run,
    &k_exec,
    &k_jwks,
    &k_jwks_rotate,
    &k_audit_list,
    &k_audit_verify,
    &k_audit_checkpoint,
    &k_audit_export,
    &k_scan,
    &k_store_check,
    &k_store_info,
    &k_store_policy_get,
    &k_store_policy_set,
    &k_store_backup,
    &k_store_restore,
    &k_store_rekey,
    &k_store_key_list,
    &k_store_key_add,
    &k_store_key_remove,
    &k_doctor,
    &k_unlock,
    &k_lock,
    &k_config_list,
    &k_config_get,
    &k_config_set,
    &k_config_unset,
    &k_config_path,
    &k_completion,
    &k_help,
    &k_version,
    &k_complete,
    &k_generate,
};

constexpr std::array k_global{
    Option{"--color", "WHEN", "when to colour", false, "auto,always,never"},
    Option{"-h,--help", "", "show this help"},
};

constexpr std::array k_sections{
    Section{"Tokens", "token,verify,can,jwks,scan"},        Section{"Run things with them", "run,exec,function"},
    Section{"This machine's login", "login,logout,whoami"}, Section{"Audit log", "audit"},
    Section{"Store", "init,store,doctor,unlock,lock"},      Section{"More", "config,completion,help,version"},
};

constexpr std::array k_unlock_options{
    Option{"--passphrase-file", "FILE", "read the store's passphrase from a file"},
    Option{"--passphrase-fd", "N", "read the store's passphrase from an open descriptor"},
    Option{"--no-input", "", "never ask at the terminal"},
};

constexpr std::array k_format{
    Option{"-o,--output", "FORMAT", "how to print the answer"},
    Option{"--json", "", "the same as -o json"},
};

constexpr Option k_act_as{"-t,--token", "TOKEN", "act as this token, not as the owner; - reads it from standard input"};
constexpr Option k_look_at{"-t,--token", "TOKEN", "the token; - reads it from standard input"};
constexpr std::array k_token{
    Option{"--token-file", "FILE", "read the token from a file"},
    Option{"--token-fd", "N", "read the token from an open descriptor"},
};

} // namespace

Arguments::~Arguments() {
  for (auto& [name, values] : m_options) {
    for (std::string& value : values) {
      wipe(value);
    }
  }
}

std::optional<std::string> Arguments::value(std::string_view option) const {
  const auto found = m_options.find(option);
  return found == m_options.end() ? std::nullopt : std::optional(found->second.back());
}

std::vector<std::string> Arguments::values(std::string_view option) const {
  const auto found = m_options.find(option);
  return found == m_options.end() ? std::vector<std::string>() : found->second;
}

std::span<const Command* const> commands() { return k_commands; }
std::span<const Option> global_options() { return k_global; }
std::span<const Section> sections() { return k_sections; }

const Section* section_of(const Command& command) {
  const std::string_view first = command.path.substr(0, command.path.find(' '));
  for (const Section& section : k_sections) {
    const auto words = split(section.first_words);
    if (std::find(words.begin(), words.end(), first) != words.end()) {
      return &section;
    }
  }
  return nullptr;
}

std::vector<Option> options_of(const Command& command) {
  std::vector<Option> all(command.options.begin(), command.options.end());
  if (command.token != TokenRole::none) {
    all.push_back(command.token == TokenRole::actor ? k_act_as : k_look_at);
    all.insert(all.end(), k_token.begin(), k_token.end());
  }
  if (!command.formats.empty()) {
    all.insert(all.end(), k_format.begin(), k_format.end());
    (all.end() - k_format.size())->words = command.formats;
  }
  if (command.opens_store) {
    all.insert(all.end(), k_unlock_options.begin(), k_unlock_options.end());
  }
  all.insert(all.end(), k_global.begin(), k_global.end());
  return all;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const auto end = text.find(separator);
    parts.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return parts;
}

std::string_view key_of(const Option& option) {
  const std::string_view last = name_of(option);
  return last.substr(last.find_first_not_of('-'));
}

std::string_view name_of(const Option& option) { return option.names.substr(option.names.rfind(',') + 1); }

} // namespace caplet
