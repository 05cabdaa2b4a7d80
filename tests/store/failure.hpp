#pragma once

#include "core/error.hpp"

#include <catch2/catch.hpp>

#include <functional>
#include <optional>

namespace caplet::test {

/// The kind of error that `work` ends with, which has a hint; nothing if it goes well.
inline std::optional<Errc> failure(const std::function<void()>& work) {
  try {
    work();
    return std::nullopt;
  } catch (const Error& e) {
    CHECK_FALSE(e.hint().empty());
    return e.code();
  }
}

} // namespace caplet::test
