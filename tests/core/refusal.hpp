#pragma once

#include "core/error.hpp"

#include <catch2/catch.hpp>

#include <string>

namespace caplet::test {

/// The message with which `work` is refused as bad input, hint and kind looked at; empty if it is not refused.
template <typename Work>
std::string refusal_of(const Work& work) {
  try {
    work();
  } catch (const Error& e) {
    CHECK(e.code() == Errc::usage);
    CHECK_FALSE(e.hint().empty());
    return e.what();
  }
  return "";
}

} // namespace caplet::test
