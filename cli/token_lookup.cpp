#include "cli/token_lookup.hpp"

#include "cli/suggest.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <string>
#include <vector>

namespace caplet {

Error with_meant_name(Context& context, const Actor& actor, std::string_view selector, const Error& error) {
  if (error.code() != Errc::not_found || !actor.may_manage) {
    return error;
  }
  std::vector<std::string> names;
  context.authority().each(actor, [&](const Token& token) {
    if (!token.revoked_at) {
      names.push_back(token.name);
    }
    return true;
  });
  const std::string_view meant = closest(selector, {names.begin(), names.end()});
  return meant.empty() ? error : Error(error.code(), error.what(), fmt::format("did you mean \"{}\"?", escape(meant)));
}

} // namespace caplet
