#pragma once

#include "cli/layout.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace caplet {

struct Command;

/// An environment variable that caplet reads, or a file that it keeps, and what it is for.
struct Row {
  std::string_view name;
  std::string_view text;
};

/// The environment variables, ours first. `help environment` and the manual come from here.
std::span<const Row> variables();

/// The files, by the places where they are without CAPLET_HOME.
std::span<const Row> files();

/// What `-o` takes.
std::span<const Row> output_formats();

/// The exit statuses, each with all that it stands for.
struct Status {
  std::string number;
  std::string text;
};
std::vector<Status> statuses();
/// Those of one command, its own first: what it says of a number goes before what that is elsewhere.
std::vector<Status> statuses(const Command& command);

/// What `help` knows beside commands.
struct Topic {
  std::string_view name;
  std::string_view summary;
  std::string (*text)(const Layout& layout);
};

std::span<const Topic> topics();

/// Null for none.
const Topic* find_topic(std::string_view name);

} // namespace caplet
