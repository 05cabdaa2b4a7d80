#include "core/scope.hpp"

#include "core/error.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace caplet {
namespace {

constexpr std::string_view k_any = "*";
constexpr std::size_t k_longest_word = 64;
constexpr std::size_t k_most_words = 16;

enum class Class : std::uint8_t { none, of_a_word, colon, star };

constexpr auto k_classes = [] {
  std::array<Class, 256> classes{};
  for (const char c : std::string_view("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.")) {
    classes[static_cast<unsigned char>(c)] = Class::of_a_word;
  }
  classes[':'] = Class::colon;
  classes['*'] = Class::star;
  return classes;
}();

/// Takes the first word and its colon off `text`. `last` says that no colon followed.
std::string_view take_word(std::string_view& text, bool& last) {
  const auto length = static_cast<std::size_t>(std::find(text.begin(), text.end(), ':') - text.begin());
  last = length == text.size();
  const std::string_view word = text.substr(0, length);
  text.remove_prefix(last ? length : length + 1);
  return word;
}

} // namespace

bool is_scope(std::string_view text) noexcept {
  if (text.size() > k_longest_scope) {
    return false;
  }
  std::size_t words = 1;
  std::size_t length = 0;     // of the word so far
  bool is_any = false;        // it is a *, and ends
  for (const char c : text) { // in one pass: each time that a token is read
    switch (k_classes[static_cast<unsigned char>(c)]) {
    case Class::of_a_word:
      if (is_any || ++length > k_longest_word) {
        return false;
      }
      break;
    case Class::star:
      if (length != 0) {
        return false;
      }
      is_any = true;
      length = 1;
      break;
    case Class::colon:
      if (length == 0 || ++words > k_most_words) {
        return false;
      }
      length = 0;
      is_any = false;
      break;
    case Class::none:
      return false;
    }
  }
  return length != 0;
}

void check_scope(std::string_view text) {
  if (!is_scope(text)) {
    throw Error(Errc::usage, fmt::format("\"{}\" is not a scope", escape(text, 80)),
                "a scope is words joined by colons, such as run:deploy, token:read or orders:*");
  }
}

std::vector<std::string> checked_scopes(std::vector<std::string> scopes) {
  std::vector<std::string> unique;
  for (std::string& scope : scopes) {
    check_scope(scope);
    if (std::find(unique.begin(), unique.end(), scope) == unique.end()) {
      unique.push_back(std::move(scope));
    }
  }
  if (unique.size() > k_most_scopes) {
    throw Error(Errc::usage, fmt::format("a token has at most {} scopes", k_most_scopes),
                "use wildcards: orders:* stands for all that starts with orders:");
  }
  return unique;
}

bool covers(std::string_view grant, std::string_view wanted) noexcept {
  if (grant == wanted) {
    return true;
  }
  while (true) {
    bool grant_ends = false;
    bool wanted_ends = false;
    const std::string_view granted = take_word(grant, grant_ends);
    const std::string_view word = take_word(wanted, wanted_ends);
    if (granted == k_any && grant_ends) {
      return true;
    }
    // A last * of what is wanted stands for more than one word; it is granted by none but a last *, which was looked
    // at.
    if (granted != k_any && granted != word) {
      return false;
    }
    if (grant_ends || wanted_ends) {
      return grant_ends && wanted_ends;
    }
  }
}

bool covers(std::span<const std::string> grants, std::string_view wanted) noexcept {
  return std::any_of(grants.begin(), grants.end(), [&](const std::string& grant) { return covers(grant, wanted); });
}

} // namespace caplet
