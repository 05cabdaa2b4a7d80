#include "cli/commands/all.hpp"
#include "cli/context.hpp"
#include "cli/function_view.hpp"
#include "cli/token_view.hpp"
#include "core/text.hpp"
#include "core/time_text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>
#include <cstdlib>

namespace caplet {
namespace {

constexpr std::array k_options{
    Option{"--contents", "", "print its bytes, and nothing else; for the owner alone"},
};

constexpr std::array k_positionals{
    Positional{"FUNCTION", Positional::Count::one, "id, name, or account/name"},
};

void print_plain(Context& context, const Function& function) {
  const auto line = [&](std::string_view label, std::string_view value) {
    context.out().line(fmt::format("{:<13}{}", label, value));
  };
  const auto list = [&](std::string_view label, const std::vector<std::string>& values) {
    for (const std::string& value : values) {
      line(label, escape(value));
    }
  };
  const FunctionSettings& settings = function.settings;
  line("ID", function.id);
  line("Name", escape(function.name));
  line("Description", escape(settings.description));
  line("Revision", fmt::format("{}", function.revision.number));
  line("Checksum", to_hex(function.revision.sha256));
  line("Size", size_text(function.revision.size));
  line("Created At", local_time_and_distance(function.revision.created_at, context.now()));
  line("Interpreter", settings.interpreter.empty() ? "none: it is a program" : escape(settings.interpreter));
  if (settings.interpreter_sha256) {
    line("Pinned to", to_hex(*settings.interpreter_sha256));
  }
  line("Timeout", settings.timeout.count() == 0 ? "none" : duration_text(settings.timeout));
  line("Max Output", size_text(settings.most_output));
  line("Runs in", settings.directory.empty() ? "/" : escape(settings.directory));
  list("Variable", settings.environment);
  list("Passed", settings.passed);
  for (const FunctionRevision& each : function.earlier) {
    line("Earlier", fmt::format("revision {}, {}, {}, {}", each.number, to_hex(each.sha256), size_text(each.size),
                                local_time(each.created_at)));
  }
}

int run_show(Context& context, const Arguments& arguments) {
  Authority& authority = context.authority();
  const Actor actor = context.actor(arguments);
  const Function function = authority.find_function(actor, arguments.positionals().front());
  if (arguments.has("contents")) {
    context.out().write(as_text(authority.function_body(actor, function)));
  } else if (output_format(k_function_show, arguments) == "json") {
    context.out().line(json_pretty(to_json(function)));
  } else {
    print_plain(context, function);
  }
  return EXIT_SUCCESS;
}

} // namespace

constinit const Command k_function_show{
    .path = "function show",
    .summary = "Show one function, and its earlier revisions.",
    .examples = "caplet function show deploy\n"
                "caplet function show deploy --contents > deploy.sh",
    .positionals = k_positionals,
    .options = k_options,
    .formats = "plain,json",
    .token = TokenRole::actor,
    .run = run_show,
};

} // namespace caplet
