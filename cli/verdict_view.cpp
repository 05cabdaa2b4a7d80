#include "cli/verdict_view.hpp"

#include "cli/json_writer.hpp"
#include "cli/token_view.hpp"

#include <nlohmann/json.hpp>

namespace caplet {
namespace {

/// The keys of a token, each with null.
std::string no_token() {
  std::string text;
  const nlohmann::ordered_json empty = to_json(Token{}, {}, Instant{});
  for (const auto& [key, value] : empty.items()) {
    text += ",\"" + key + "\":null";
  }
  return text;
}

} // namespace

void write_json(std::string& out, const Verdict& verdict, std::string_view account_name, Instant now) {
  JsonWriter json(out);
  json.open('{');
  json.key("valid").boolean(verdict.valid());
  json.key("reason").text(to_string(verdict.reason));
  json.key("detail").text_or_null(verdict.detail);
  if (verdict.token) {
    write_fields(json, *verdict.token, account_name, now);
  } else {
    static const std::string k_no_token = no_token();
    out += k_no_token;
  }
  json.close('}');
}

nlohmann::ordered_json to_json(const Verdict& verdict, std::string_view account_name, Instant now) {
  std::string text;
  write_json(text, verdict, account_name, now);
  return nlohmann::ordered_json::parse(text);
}

} // namespace caplet
