#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace caplet {

/// The regular expression by which other programs know a token, in what RE2 (Go) and most others have in common; its
/// first group is the token. It knows no checksum, so it finds more than `caplet scan` does. `prefixes` empty: any.
std::string token_expression(const std::vector<std::string>& prefixes);

/// A rule for .gitleaks.toml (gitleaks 8), a custom detector for trufflehog 3.
std::string gitleaks_rule(const std::vector<std::string>& prefixes);
std::string trufflehog_rule(const std::vector<std::string>& prefixes);

} // namespace caplet
