#include "cli/config_edit.hpp"

#include "cli/config.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "store/files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <toml++/toml.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sstream>

namespace caplet {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view k_byte_order_mark = "\xef\xbb\xbf";

/// Where a line begins; the text's end for one behind the last.
std::size_t start_of_line(std::string_view text, std::size_t line) {
  std::size_t at = 0;
  for (std::size_t n = 1; n < line && at < text.size(); ++n) {
    at = std::min(text.find('\n', at), text.size() - 1) + 1;
  }
  return at;
}

/// The byte of a position, whose column counts code points.
std::size_t byte_at(std::string_view text, const toml::source_position& position) {
  std::size_t at = start_of_line(text, position.line);
  at += position.line == 1 && text.starts_with(k_byte_order_mark) ? k_byte_order_mark.size() : 0;
  const auto is_inside = [&] { return (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U; }; // of a code point
  for (std::size_t n = 1; n < position.column && at < text.size(); ++n) {
    do {
      ++at;
    } while (at < text.size() && is_inside());
  }
  return at;
}

std::string quoted(const std::string& value) {
  std::ostringstream out;
  out << toml::value<std::string>(value);
  return out.str();
}

/// Whether the change is what was asked for, and nothing else.
bool is_that_change(toml::table before, const std::string& changed, std::string_view key,
                    const std::optional<std::string>& value) {
  try {
    toml::table after = toml::parse(changed);
    if (after[key].value<std::string>() != value) {
      return false;
    }
    before.erase(key);
    after.erase(key);
    return before == after;
  } catch (const toml::parse_error&) {
    return false;
  }
}

/// What the file could be written as; the first that is right is taken.
std::vector<std::string> candidates(std::string_view text, const toml::table& table, std::string_view key,
                                    const std::optional<std::string>& value) {
  const auto replaced = [&](std::size_t from, std::size_t to, std::string_view by) {
    return std::string(text.substr(0, from)) + std::string(by) + std::string(text.substr(to));
  };
  if (const toml::node* const old = table.get(key)) {
    const auto& [begin, end, path] = old->source();
    if (value) {
      return {replaced(byte_at(text, begin), byte_at(text, end), quoted(*value))};
    }
    return {replaced(start_of_line(text, begin.line), start_of_line(text, end.line + 1), "")};
  }
  if (!value) {
    return {std::string(text)};
  }
  const std::string_view end_of_line = text.find("\r\n") == std::string_view::npos ? "\n" : "\r\n";
  const std::string line = fmt::format("{} = {}{}", key, quoted(*value), end_of_line);
  std::size_t last = 0; // of the lines with keys that are in no table
  for (const auto& [name, node] : table) {
    last = node.is_table() || node.is_array_of_tables() ? last : std::max<std::size_t>(last, node.source().end.line);
  }
  const bool has_tables = std::any_of(table.begin(), table.end(), [](const auto& each) {
    return each.second.is_table() || each.second.is_array_of_tables();
  });
  const std::size_t top = text.starts_with(k_byte_order_mark) ? k_byte_order_mark.size() : 0;
  const std::size_t behind = has_tables ? start_of_line(text, last + 1) : text.size();
  const bool is_cut = behind > 0 && text[behind - 1] != '\n'; // the last line has no end
  return {replaced(behind, behind, (is_cut ? std::string(end_of_line) : "") + line), replaced(top, top, line)};
}

std::string read(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

} // namespace

std::string with_setting(std::string_view text, std::string_view key, const std::optional<std::string>& value) {
  const toml::table table = toml::parse(text);
  for (std::string& each : candidates(text, table, key, value)) {
    if (is_that_change(table, each, key, value)) {
      return std::move(each);
    }
  }
  throw Error(Errc::usage, fmt::format("cannot change {} in a file that is written like this", key),
              "change it in an editor: caplet config path");
}

void change_setting(const fs::path& file, std::string_view key, const std::optional<std::string>& value) {
  std::error_code error;
  const fs::path real = fs::exists(file, error) ? fs::canonical(file, error) : file;
  make_private_directory(real.parent_path());
  const Fd directory(::open(real.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.is_open() || uninterrupted([&] { return ::flock(directory.get(), LOCK_EX); }) != 0) {
    throw Error(Errc::unavailable,
                fmt::format("cannot lock {}: {}", escape(real.parent_path().string(), 4096), std::strerror(errno)),
                "see whose it is: ls -ld");
  }
  const Config checked(real, [](const std::string&) {}); // what cannot be read is not written over
  replace_private_file(real, with_setting(read(real), key, value));
}

} // namespace caplet
