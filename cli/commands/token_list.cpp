#include "cli/commands/all.hpp"
#include "cli/context.hpp"
#include "cli/table.hpp"
#include "cli/token_view.hpp"
#include "core/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>
#include <cstdlib>
#include <functional>

namespace caplet {
namespace {

constexpr std::array k_options{
    Option{"-a,--all", "", "revoked tokens, too"},
};

using Visit = std::function<void(const Token&)>;
using Each = std::function<std::size_t(const Visit&)>; ///< calls it for each token; how many there were

Table::Cell expiry_cell(const Token& token, Instant now) {
  switch (state_of(token, now)) {
  case TokenState::expired:
    return {fmt::format("{} (expired)", expiry_text(token.expires_at)), Style::yellow};
  case TokenState::revoked:
    return {"revoked", Style::red};
  case TokenState::active:
    break;
  }
  return {expiry_text(token.expires_at)};
}

std::size_t print_table(Context& context, const Each& each) {
  using enum Table::Shrink;
  Table table;
  table.column("ID").column("Name", allowed).column("Description", allowed);
  table.column("Created At").column("Last Used").column("Expires");
  const Instant now = context.clock().now();
  const std::size_t count = each([&](const Token& token) {
    table.row({{token.id},
               {escape(token.name)},
               {escape(token.description)},
               {local_time(token.created_at)},
               {token.last_used_at ? local_time(*token.last_used_at) : "never"},
               expiry_cell(token, now)});
  });
  if (count > 0) {
    context.out().write(table.draw({context.utf8(), context.colors(context.out()), terminal_width(context.out())}));
  }
  return count;
}

std::size_t print_tsv(Context& context, const Each& each) {
  return each([&](const Token& token) {
    const auto time = [](const std::optional<Instant>& at) {
      return at ? to_json(at).get<std::string>() : std::string();
    };
    context.out().line(fmt::format("{}\t{}\t{}\t{}\t{}\t{}\t{}", token.id, tsv_field(token.name),
                                   tsv_field(token.description), time(token.created_at), time(token.last_used_at),
                                   time(token.expires_at), to_string(state_of(token, context.clock().now()))));
  });
}

std::size_t print_names(Context& context, const Each& each) {
  return each([&](const Token& token) { context.out().line(escape(token.name)); });
}

/// One object a line, or one array: written as it is read, so that a million tokens take no more memory than one.
std::size_t print_json(Context& context, const Each& each, const std::string& account, bool lines) {
  std::size_t printed = 0;
  const std::size_t count = each([&](const Token& token) {
    const std::string text = json_line(to_json(token, account, context.clock().now()));
    context.out().write(lines ? "" : (printed++ == 0 ? "[\n  " : ",\n  "));
    context.out().write(text);
    context.out().write(lines ? "\n" : "");
  });
  context.out().write(lines ? "" : (count == 0 ? "[]\n" : "\n]\n"));
  return count;
}

int run_list(Context& context, const Arguments& arguments) {
  Authority& authority = context.authority();
  const Actor actor = context.actor(arguments);
  const Each each = [&](const Visit& visit) {
    std::size_t count = 0;
    authority.each(actor, [&](const Token& token) {
      if (arguments.has("all") || !token.revoked_at) {
        visit(token);
        ++count;
      }
      return true;
    });
    return count;
  };
  const std::string format = output_format(k_token_list, arguments);
  const bool is_json = format == "json" || format == "jsonl";
  const std::size_t count = is_json
                                ? print_json(context, each, authority.account_name(actor.account), format == "jsonl")
                            : format == "tsv"  ? print_tsv(context, each)
                            : format == "name" ? print_names(context, each)
                                               : print_table(context, each);
  if (count == 0) {
    context.err().line("No tokens yet. Make one: caplet token create -n NAME");
  }
  return EXIT_SUCCESS;
}

} // namespace

constinit const Command k_token_list{
    .path = "token list",
    .aliases = "token ls",
    .summary = "List the tokens.",
    .details = "The columns of tsv: id, name, description, created, last used, expires, state.",
    .examples = "caplet token list\n"
                "caplet token list -o json | jq .",
    .options = k_options,
    .formats = "table,json,jsonl,tsv,name",
    .takes_token = true,
    .run = run_list,
};

} // namespace caplet
