#include "tests/cli/script.hpp"

#include "tests/cli/sandbox.hpp"

#include <cctype>
#include <charconv>
#include <optional>
#include <sstream>

namespace caplet::test {
namespace {

bool is_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

struct Reference {
  std::string_view name;
  std::size_t length; ///< with the $ and the braces
};

/// `$NAME` or `${NAME}` at the front of the text.
std::optional<Reference> reference(std::string_view text) {
  const bool braces = text.size() > 1 && text[1] == '{';
  const std::size_t start = braces ? 2 : 1;
  std::size_t end = start;
  while (end < text.size() && is_name(text[end])) {
    ++end;
  }
  if (end == start || (braces && (end == text.size() || text[end] != '}'))) {
    return std::nullopt;
  }
  return Reference{text.substr(start, end - start), end + (braces ? 1 : 0)};
}

class Lexer {
public:
  Lexer(std::string_view text, const Variables& variables) : m_text(text), m_variables(variables) {}

  std::vector<std::string> words() {
    while (m_at < m_text.size()) {
      const char c = m_text[m_at];
      if (c == ' ' || c == '\t') {
        end_word();
        ++m_at;
      } else if (c == '\'' || c == '"') {
        m_in_word = true;
        quoted(c);
      } else {
        m_in_word = true;
        one(c);
      }
    }
    end_word();
    return std::move(m_words);
  }

private:
  void end_word() {
    if (m_in_word) {
      m_words.push_back(std::move(m_word));
    }
    m_word.clear();
    m_in_word = false;
  }

  void quoted(char mark) {
    for (++m_at; m_at < m_text.size() && m_text[m_at] != mark;) {
      if (mark == '"' && m_text[m_at] == '\\' && m_at + 1 < m_text.size()) {
        escape();
      } else if (mark == '"') {
        one(m_text[m_at]);
      } else {
        m_word += m_text[m_at++];
      }
    }
    if (m_at == m_text.size()) {
      throw Failure("a quote is not closed");
    }
    ++m_at;
  }

  void one(char c) {
    const auto found = c == '$' ? reference(m_text.substr(m_at)) : std::nullopt;
    if (!found) {
      m_word += c;
      ++m_at;
      return;
    }
    const auto value = m_variables.find(found->name);
    if (value == m_variables.end()) {
      throw Failure("no variable $" + std::string(found->name));
    }
    m_word += value->second;
    m_at += found->length;
  }

  void escape() {
    constexpr std::string_view k_letters = "ntr";
    constexpr std::string_view k_meant = "\n\t\r";
    const char c = m_text[m_at + 1];
    m_at += 2;
    if (c == 'x' && m_at + 2 <= m_text.size()) {
      unsigned value = 0;
      std::from_chars(m_text.data() + m_at, m_text.data() + m_at + 2, value, 16);
      m_word += static_cast<char>(value);
      m_at += 2;
    } else if (const auto letter = k_letters.find(c); letter != std::string_view::npos) {
      m_word += k_meant[letter];
    } else {
      m_word += c;
    }
  }

  std::string_view m_text;
  const Variables& m_variables;
  std::size_t m_at = 0;
  std::string m_word;
  bool m_in_word = false;
  std::vector<std::string> m_words;
};

} // namespace

Script read_script(const std::filesystem::path& path) {
  constexpr std::string_view k_mark = "-- ";
  Script script;
  script.path = path;
  std::istringstream in(read_file(path));
  std::string* file = nullptr;
  std::string text;
  for (std::size_t number = 1; std::getline(in, text); ++number) {
    if (text.size() > 6 && text.starts_with(k_mark) && text.ends_with(" --")) {
      file = &script.files[text.substr(k_mark.size(), text.size() - 2 * k_mark.size())];
    } else if (file != nullptr) {
      *file += text + "\n";
    } else if (const auto start = text.find_first_not_of(" \t"); start != std::string::npos && text[start] != '#') {
      script.lines.push_back({number, text.substr(start)});
    }
  }
  return script;
}

std::vector<std::string> words_of(std::string_view text, const Variables& variables) {
  return Lexer(text, variables).words();
}

std::string expand(std::string_view text, const Variables& variables,
                   const std::function<std::string(const std::string&)>& change) {
  std::string out;
  while (!text.empty()) {
    const auto found = text.front() == '$' ? reference(text) : std::nullopt;
    const auto value = found ? variables.find(found->name) : variables.end();
    if (value == variables.end()) {
      out += text.front();
      text.remove_prefix(1);
    } else {
      out += change(value->second);
      text.remove_prefix(found->length);
    }
  }
  return out;
}

} // namespace caplet::test
