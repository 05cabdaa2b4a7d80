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
  case Reason::not_yet_valid:
    return "not_yet_valid";
  case Reason::exhausted:
    return "exhausted";
  case Reason::network:
    return "network";
  case Reason::audience:
    return "audience";
  case Reason::scope:
    return "scope";
  }
  return "unknown";
}

std::string_view to_string(Check::Outcome outcome) noexcept {
  switch (outcome) {
  case Check::Outcome::passed:
    return "passed";
  case Check::Outcome::failed:
    return "failed";
  case Check::Outcome::not_reached:
    return "not_reached";
  }
  return "unknown";
}

} // namespace caplet
