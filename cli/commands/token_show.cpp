#include "cli/commands/all.hpp"
#include "cli/context.hpp"
#include "cli/suggest.hpp"
#include "cli/token_lookup.hpp"
#include "cli/token_view.hpp"
#include "core/concern.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "core/time_text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>
#include <cstdlib>
#include <functional>
#include <string_view>

namespace caplet {
namespace {

constexpr std::array k_options{
    Option{"--field", "FIELD", "print this one alone: id, name, state, expires_at ... as in JSON"},
};

constexpr std::array k_positionals{
    Positional{"TOKEN", Positional::Count::one, "id, name, or the first characters of the id (four or more)"},
};

/// What few tokens have: a line for each.
void print_limits(const std::function<void(std::string_view, std::string_view)>& line, const Token& token,
                  Instant now) {
  if (token.not_before) {
    line("Not Before", local_time_and_distance(*token.not_before, now));
  }
  if (token.uses_limit > 0) {
    line("Uses", fmt::format("{} of {}", token.uses, token.uses_limit));
  }
  for (const Network& network : token.networks) {
    line("Network", to_text(network));
  }
  for (const std::string& audience : token.audiences) {
    line("Audience", escape(audience));
  }
  if (token.idle_limit > std::chrono::seconds::zero()) {
    line("Idle Limit", fmt::format("expires when unused for {}", duration_text(token.idle_limit)));
  }
  if (token.format != TokenFormat::opaque) {
    line("Format", to_string(token.format));
  }
  if (!token.created_by.empty()) {
    line("Made By", token.created_by);
  }
  if (token.rotated_at) {
    line("Rotated", local_time_and_distance(*token.rotated_at, now));
  }
  if (token.previous && token.previous->until > now) {
    line("Old Secret", "good until " + (token.previous->until == PreviousSecret::k_open_end
                                            ? std::string("the new one is first used")
                                            : local_time_and_distance(token.previous->until, now)));
  }
  for (const auto& [key, value] : token.meta) {
    line("Meta", fmt::format("{}={}", key, escape(value)));
  }
}

void print_plain(Context& context, const Token& token, const std::string& account) {
  const Instant now = context.now();
  const auto line = [&](std::string_view label, std::string_view value) {
    context.out().line(fmt::format("{:<13}{}", label, value));
  };
  const auto time = [&](const std::optional<Instant>& at, std::string_view none) {
    return at ? local_time_and_distance(*at, now) : std::string(none);
  };
  line("ID", token.id);
  line("Name", escape(token.name));
  line("Description", escape(token.description));
  line("Kind", token.kind == TokenKind::pat ? "pat (personal)" : "sat (scoped)");
  if (!token.scopes.empty()) {
    line("Scopes", fmt::format("{}", fmt::join(token.scopes, " ")));
  }
  if (const auto unused = unused_scopes(token); !unused.empty()) {
    line("Not Used", fmt::format("{}", fmt::join(unused, " ")));
  }
  line("Account", escape(account));
  line("State", to_string(state_of(token, now)));
  line("Created At", time(token.created_at, ""));
  line("Last Used", time(token.last_used_at, "never"));
  line("Expires", time(token.expires_at, "never"));
  if (token.revoked_at) {
    line("Revoked", time(token.revoked_at, ""));
  }
  print_limits(line, token, now);
}

/// A text as it is; a list with a blank between its texts; the rest as in JSON.
std::string field_text(const nlohmann::ordered_json& value) {
  if (value.is_null()) {
    return "";
  }
  if (value.is_string()) {
    return escape(value.get<std::string>());
  }
  if (value.is_array()) {
    std::string list;
    for (const auto& each : value) {
      list += (list.empty() ? "" : " ") + escape(each.get<std::string>());
    }
    return list;
  }
  return json_line(value);
}

void print_field(Context& context, const nlohmann::ordered_json& json, const std::string& field) {
  const auto found = json.find(field);
  if (found == json.end()) {
    std::vector<std::string> names;
    for (const auto& [name, value] : json.items()) {
      names.push_back(name);
    }
    const std::string_view meant = closest(field, {names.begin(), names.end()});
    throw Error(Errc::usage, fmt::format("a token has no field \"{}\"", escape(field, 40)),
                meant.empty() ? fmt::format("one of: {}", fmt::join(names, ", "))
                              : fmt::format("did you mean {}?", meant));
  }
  context.out().line(field_text(*found));
}

int run_show(Context& context, const Arguments& arguments) {
  Authority& authority = context.authority();
  const Actor actor = context.actor(arguments);
  const std::string& selector = arguments.positionals().front();
  const Token token = looking_up(context, actor, selector, [&] { return authority.find(actor, selector); });
  const std::string account = authority.account_name(token.account);
  const auto json = to_json(token, account, context.now());
  if (const auto field = arguments.value("field")) {
    print_field(context, json, *field);
  } else if (output_format(k_token_show, arguments) == "json") {
    context.out().line(json_pretty(json));
  } else {
    print_plain(context, token, account);
  }
  return EXIT_SUCCESS;
}

} // namespace

constinit const Command k_token_show{
    .path = "token show",
    .summary = "Show one token's record.",
    .examples = "caplet token show ci\n"
                "caplet token show ci --field expires_at",
    .positionals = k_positionals,
    .options = k_options,
    .formats = "plain,json",
    .token = TokenRole::actor,
    .run = run_show,
};

} // namespace caplet
