#pragma once

#include "core/bytes.hpp"
#include "core/clock.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace caplet {

/// The bytes of a function, as they once were and now are.
struct FunctionRevision {
  std::uint64_t number = 1;
  Digest sha256{};
  std::uint64_t size = 0;
  Instant created_at;
  std::string created_by; ///< id of the token that made it; empty for the owner

  bool operator==(const FunctionRevision&) const = default;
};

/// How a function runs.
struct FunctionSettings {
  std::string description;                      ///< check_description()
  std::string interpreter;                      ///< the path behind `#!`; empty for a program of its own
  std::optional<Digest> interpreter_sha256;     ///< the interpreter must have these bytes
  std::chrono::seconds timeout{0};              ///< 0: none
  std::vector<std::string> environment;         ///< `NAME=VALUE`
  std::vector<std::string> passed;              ///< names of variables whose values the caller gives
  std::uint64_t most_output = k_default_output; ///< bytes; beyond that it is ended
  std::string directory;                        ///< where it runs; empty: /

  static constexpr std::uint64_t k_default_output = std::uint64_t{1} << 30U;

  bool operator==(const FunctionSettings&) const = default;
};

/// An executable that is kept in the store and run from there, by name or id, from exactly the bytes that were given.
/// Its body is kept apart: whoever looks at functions does not read it.
struct Function {
  static constexpr std::size_t k_largest_body = std::size_t{32} << 20U;
  static constexpr std::size_t k_most_earlier = 64;
  static constexpr std::size_t k_most_variables = 64;

  std::string id; ///< 12 base62 digits, looks_like_id()
  std::string account;
  std::string name; ///< check_function_name(); unique in its account
  FunctionSettings settings;
  FunctionRevision revision;
  std::vector<FunctionRevision> earlier; ///< the newest first; their bytes are gone

  bool operator==(const Function&) const = default;
};

/// A function's name is the last word of the scope that runs it, `run:NAME`: 1 to 64 letters, digits, `_`, `-` and `.`;
/// it does not start with `-` and does not look like an id. Throws Error{usage}.
void check_function_name(std::string_view name);

/// The scope that a scoped token needs to run it.
std::string run_scope(std::string_view name);

/// A run that has begun: what was committed before anything is executed.
struct FunctionRun {
  std::string id; ///< 12 base62 digits, in the events of its start and end
  Function function;
  Bytes body;
};

} // namespace caplet
