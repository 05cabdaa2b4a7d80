#include "cli/commands/all.hpp"
#include "cli/context.hpp"
#include "cli/token_options.hpp"
#include "cli/token_view.hpp"
#include "core/error.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstdlib>

namespace caplet {
namespace {

constexpr std::array k_get_positionals{
    Positional{"RULE", Positional::Count::any, "one rule, or none for all"},
};

constexpr std::array k_set_positionals{
    Positional{"RULE=VALUE", Positional::Count::many, "never=no, longest-lifetime=90d, most-pats=1 ..."},
};

/// The value of one rule alone; of several, or all, a line each.
void print(Context& context, const Command& command, const Arguments& arguments, const Policy& policy,
           const std::vector<std::string>& keys) {
  if (output_format(command, arguments) == "json") {
    nlohmann::ordered_json json = nlohmann::ordered_json::object();
    for (const PolicyRule& rule : policy_rules()) {
      std::string key(rule.key);
      std::replace(key.begin(), key.end(), '-', '_');
      json[key] = rule.get(policy);
    }
    context.out().line(json_pretty(json));
    return;
  }
  if (keys.size() == 1) {
    context.out().line(policy_rule(keys.front()).get(policy));
    return;
  }
  for (const PolicyRule& rule : policy_rules()) {
    context.out().line(fmt::format("{:<18}{:<10}{}", rule.key, rule.get(policy), rule.help));
  }
}

int run_get(Context& context, const Arguments& arguments) {
  for (const std::string& key : arguments.positionals()) {
    policy_rule(key);
  }
  context.owners_store();
  print(context, k_store_policy_get, arguments, context.authority().policy(), arguments.positionals());
  return EXIT_SUCCESS;
}

int run_set(Context& context, const Arguments& arguments) {
  std::vector<std::pair<std::string, std::string>> rules;
  Policy checked;
  for (const std::string& each : arguments.positionals()) {
    rules.push_back(key_and_value(each, "store policy set"));
    policy_rule(rules.back().first).set(checked, rules.back().second); // before a store is opened
  }
  context.owners_store();
  Authority& authority = context.authority();
  const Policy policy = authority.set_policy(context.actor(std::optional<Secret>()), rules);
  print(context, k_store_policy_set, arguments, policy, {});
  return EXIT_SUCCESS;
}

} // namespace

constinit const Command k_store_policy_get{
    .path = "store policy get",
    .aliases = "store policy list",
    .summary = "Show the rules for tokens.",
    .examples = "caplet store policy get\n"
                "caplet store policy get longest-lifetime",
    .positionals = k_get_positionals,
    .formats = "plain,json",
    .run = run_get,
};

constinit const Command k_store_policy_set{
    .path = "store policy set",
    .summary = "Set rules for the tokens that are made from now on.",
    .details =
        "default-lifetime: where no expiry is asked for. longest-lifetime: the most that one may be given. never: "
        "whether a token may live for ever. most-pats, most-sats: live tokens of an account. They bind the owner, "
        "too, who may change them. Tokens that are there already stay as they are.",
    .examples = "caplet store policy set never=no longest-lifetime=90d\n"
                "caplet store policy set most-pats=1 most-sats=20",
    .positionals = k_set_positionals,
    .formats = "plain,json",
    .run = run_set,
};

} // namespace caplet
