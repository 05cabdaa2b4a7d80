// Lines of JSON that ask for tokens: what is accepted keeps the rules, what is not says why; and what is written as
// JSON reads back.

#include "cli/json_writer.hpp"
#include "cli/token_lines.hpp"
#include "core/text.hpp"
#include "tests/fuzz/input.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

using namespace caplet;
using fuzz::require;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input in(data, size);
  const std::string line(in.rest());
  const Instant now(std::chrono::seconds(1'800'000'000));
  try {
    const TokenRequest request = token_request_from_json(line, now);
    require(!request.name.empty(), "a token has a name");
    const auto json = nlohmann::json::parse(line);
    require(json.is_object() && json["name"] == request.name, "the name is the one of the line");
    check(request);
  } catch (const Error& e) {
    const std::string_view said = e.what();
    require(!said.empty() && !e.hint().empty(), "an error says what, and what to do");
    require(std::none_of(said.begin(), said.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }),
            "no control character in an error");
  }
  std::string out;
  JsonWriter(out).text(line);
  const auto back = nlohmann::json::parse(out, nullptr, false);
  require(back.is_string(), "a text is written as one");
  require(std::none_of(out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }),
          "no control character in JSON");
  return 0;
}
