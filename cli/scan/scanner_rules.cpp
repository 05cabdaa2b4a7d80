#include "cli/scan/scanner_rules.hpp"

#include "core/token_string.hpp"

#include <fmt/format.h>

namespace caplet {
namespace {

/// Texts of which every token has one: both programs try the expression only where one of them stands.
std::vector<std::string> keywords(const std::vector<std::string>& prefixes) {
  std::vector<std::string> all;
  const auto add = [&](const std::string& prefix) {
    for (const TokenKind kind : {TokenKind::pat, TokenKind::sat}) {
      all.push_back(fmt::format("{}_{}_", prefix, to_string(kind)));
    }
  };
  for (const std::string& prefix : prefixes) {
    add(prefix);
  }
  if (prefixes.empty()) {
    add("");
  }
  return all;
}

} // namespace

std::string token_expression(const std::vector<std::string>& prefixes) {
  const std::string prefix = prefixes.empty()       ? fmt::format("[a-z][a-z0-9]{{1,{}}}", k_longest_prefix - 1)
                             : prefixes.size() == 1 ? prefixes.front()
                                                    : fmt::format("(?:{})", fmt::join(prefixes, "|"));
  return fmt::format("({}_(?:pat|sat)_[0-9A-Za-z]{{{}}}_[0-9A-Za-z]{{{}}})(?:[^0-9A-Za-z]|$)", prefix, k_id_length,
                     k_secret_length + k_check_length);
}

std::string gitleaks_rule(const std::vector<std::string>& prefixes) {
  std::string words;
  for (const std::string& word : keywords(prefixes)) {
    words += fmt::format("{}\"{}\"", words.empty() ? "" : ", ", word);
  }
  // A token's Shannon entropy is 4.4 bits a character and more; what people make up for examples has less than 4.
  return fmt::format("# caplet's tokens, for .gitleaks.toml\n"
                     "[[rules]]\n"
                     "id = \"caplet-token\"\n"
                     "description = \"caplet access token\"\n"
                     "regex = '''{}'''\n"
                     "secretGroup = 1\n"
                     "entropy = 4.0\n"
                     "keywords = [{}]\n"
                     "tags = [\"caplet\", \"token\"]\n",
                     token_expression(prefixes), words);
}

std::string trufflehog_rule(const std::vector<std::string>& prefixes) {
  std::string words;
  for (const std::string& word : keywords(prefixes)) {
    words += fmt::format("      - {}\n", word);
  }
  return fmt::format("# caplet's tokens, for trufflehog --config FILE\n"
                     "detectors:\n"
                     "  - name: caplet-token\n"
                     "    keywords:\n"
                     "{}"
                     "    regex:\n"
                     "      token: '{}'\n",
                     words, token_expression(prefixes));
}

} // namespace caplet
