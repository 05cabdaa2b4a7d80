#pragma once

#include "core/event.hpp"

#include <nlohmann/json_fwd.hpp>

namespace caplet {

/// The keys of an event in machine formats, in their order. Only ever added to.
nlohmann::ordered_json to_json(const Event& event);

} // namespace caplet
