#include "cli/commands/all.hpp"
#include "cli/context.hpp"
#include "cli/function_view.hpp"
#include "cli/table.hpp"
#include "cli/token_view.hpp"
#include "core/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <vector>

namespace caplet {
namespace {

void print_table(Context& context, const std::vector<Function>& functions) {
  using enum Table::Shrink;
  using enum Table::Rank;
  Table table;
  table.column("ID").column("Name", allowed).column("Description", allowed, middle).column("Revision", never, first);
  table.column("Size", never, first).column("Created At", never, last);
  for (const Function& function : functions) {
    table.row({{function.id},
               {escape(function.name)},
               {escape(function.settings.description)},
               {fmt::format("{}", function.revision.number)},
               {size_text(function.revision.size)},
               {local_time(function.revision.created_at)}});
  }
  context.out().write(table.draw({context.utf8(), context.colors(context.out()), terminal_width(context.out())}));
}

int run_list(Context& context, const Arguments& arguments) {
  Authority& authority = context.authority();
  std::vector<Function> functions;
  authority.each_function(context.actor(arguments), [&](const Function& function) {
    functions.push_back(function);
    return true;
  });
  const std::string format = output_format(k_function_list, arguments);
  if (format == "json") {
    auto all = nlohmann::ordered_json::array();
    for (const Function& function : functions) {
      all.push_back(to_json(function));
    }
    context.out().line(json_pretty(all));
  } else if (format == "name") {
    for (const Function& function : functions) {
      context.out().line(escape(function.name));
    }
  } else if (!functions.empty()) {
    print_table(context, functions);
  }
  if (functions.empty()) {
    context.err().line("No functions yet. Make one: caplet function create NAME FILE");
  }
  return EXIT_SUCCESS;
}

} // namespace

constinit const Command k_function_list{
    .path = "function list",
    .aliases = "function ls",
    .summary = "List the functions.",
    .examples = "caplet function list\n"
                "caplet function list -o json | jq .",
    .formats = "table,json,name",
    .token = TokenRole::actor,
    .run = run_list,
};

} // namespace caplet
