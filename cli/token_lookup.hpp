#pragma once

#include "cli/context.hpp"
#include "core/error.hpp"

#include <string_view>

namespace caplet {

/// The error of a look-up by `selector`; where there is no such token, with the name in its hint that was probably
/// meant, of those that the actor may see.
Error with_meant_name(Context& context, const Actor& actor, std::string_view selector, const Error& error);

/// What `work` gives, which looks a token up by `selector`.
template <typename Work>
auto looking_up(Context& context, const Actor& actor, std::string_view selector, const Work& work) {
  try {
    return work();
  } catch (const Error& e) {
    throw with_meant_name(context, actor, selector, e);
  }
}

} // namespace caplet
