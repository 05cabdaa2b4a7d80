#include "core/verdict.hpp"

namespace caplet {

std::string_view to_string(Reason reason) noexcept {
  switch (reason) {
  case Reason::ok:
    return "ok";
  case Reason::malformed:
    return "malformed";
  case Reason::unknown:
    return "unknown";
  case Reason::revoked:
    return "revoked";
  case Reason::expired:
    return "expired";
  }
  return "unknown";
}

} // namespace caplet
