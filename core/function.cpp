#include "core/function.hpp"

#include "core/error.hpp"
#include "core/scope.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

namespace caplet {

void check_function_name(std::string_view name) {
  check_name(name);
  if (name == "*" || name.find(':') != std::string_view::npos || !is_scope(name)) {
    throw Error(Errc::usage, fmt::format("\"{}\" cannot name a function", escape(name, 80)),
                "its name is part of a scope (run:NAME): letters, digits, _ - and .");
  }
}

std::string run_scope(std::string_view name) { return fmt::format("run:{}", name); }

} // namespace caplet
