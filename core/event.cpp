#include "core/event.hpp"

namespace caplet {

std::string_view to_string(Actor::Kind kind) noexcept { return kind == Actor::Kind::owner ? "owner" : "token"; }

std::string_view to_string(Event::Outcome outcome) noexcept { return outcome == Event::Outcome::ok ? "ok" : "denied"; }

} // namespace caplet
