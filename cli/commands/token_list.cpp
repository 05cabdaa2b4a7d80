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
#include <vector>

namespace caplet {
namespace {

constexpr std::array k_options{
    Option{"-a,--all", "", "revoked tokens, too"},
};

using Visit = std::function<void(const Token&)>;
using Each = std::function<std::size_t(const Visit&)>; ///< calls it for each token; how many there were

/// How much a table says, so that it fits a narrow terminal.
enum class Detail : std::uint8_t { times, dates, expiry };

std::string time_cell(const std::optional<Instant>& time, Detail detail) {
  constexpr std::size_t k_date_length = std::string_view("Jan 10 2023").size();
  const std::string text = time ? local_time(*time) : "never";
  return detail == Detail::times ? text : text.substr(0, k_date_length);
}

Table::Cell expiry_cell(const Token& token, Instant now, Detail detail) {
  switch (state_of(token, now)) {
  case TokenState::expired:
    return {detail == Detail::times ? time_cell(token.expires_at, detail) + " (expired)" : "expired", Style::yellow};
  case TokenState::revoked:
    return {"revoked", Style::red};
  case TokenState::exhausted:
    return {"used up", Style::yellow};
  case TokenState::not_yet_valid:
  case TokenState::active:
    break;
  }
  return {time_cell(token.expires_at, detail)};
}

Table make_table(const std::vector<Token>& tokens, Instant now, Detail detail) {
  using enum Table::Shrink;
  Table table;
  table.column("ID").column("Name", allowed).column("Description", allowed);
  if (detail != Detail::expiry) {
    table.column("Created At").column("Last Used");
  }
  table.column("Expires");
  for (const Token& token : tokens) {
    std::vector<Table::Cell> cells{{token.id}, {escape(token.name)}, {escape(token.description)}};
    if (detail != Detail::expiry) {
      cells.push_back({time_cell(token.created_at, detail)});
      cells.push_back({time_cell(token.last_used_at, detail)});
    }
    cells.push_back(expiry_cell(token, now, detail));
    table.row(std::move(cells));
  }
  return table;
}

std::size_t print_table(Context& context, const Each& each) {
  std::vector<Token> tokens;
  each([&](const Token& token) { tokens.push_back(token); });
  if (tokens.empty()) {
    return 0;
  }
  const Table::Look look{context.utf8(), context.colors(context.out()), terminal_width(context.out())};
  for (const Detail detail : {Detail::times, Detail::dates, Detail::expiry}) {
    const Table table = make_table(tokens, context.now(), detail);
    if (!look.width || table.fits(*look.width) || detail == Detail::expiry) {
      context.out().write(table.draw(look));
      break;
    }
  }
  return tokens.size();
}

std::size_t print_tsv(Context& context, const Each& each) {
  return each([&](const Token& token) {
    const auto time = [](const std::optional<Instant>& at) {
      return at ? to_json(at).get<std::string>() : std::string();
    };
    context.out().line(fmt::format("{}\t{}\t{}\t{}\t{}\t{}\t{}", token.id, tsv_field(token.name),
                                   tsv_field(token.description), time(token.created_at), time(token.last_used_at),
                                   time(token.expires_at), to_string(state_of(token, context.now()))));
  });
}

std::size_t print_names(Context& context, const Each& each) {
  return each([&](const Token& token) { context.out().line(escape(token.name)); });
}

/// One object a line, or one array: written as it is read, so that a million tokens take no more memory than one.
std::size_t print_json(Context& context, const Each& each, const std::string& account, bool lines) {
  std::size_t printed = 0;
  const std::size_t count = each([&](const Token& token) {
    const std::string text = json_line(to_json(token, account, context.now()));
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
    .token = TokenRole::actor,
    .run = run_list,
};

} // namespace caplet
