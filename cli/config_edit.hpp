#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace caplet {

/// The text of a config.toml with one key set to `value`, or taken out where that is nothing. All the rest stays as it
/// is, byte for byte: other keys, tables, comments, the ends of lines. REQUIRES: the text can be read as TOML. Throws
/// Error{usage} where the file is written in a way that this cannot change.
std::string with_setting(std::string_view text, std::string_view key, const std::optional<std::string>& value);

/// Does that to the file, which is made where there is none; a symbolic link stays, and what it points to is changed.
/// Whole or not at all, one at a time (several wait for each other). Throws Error{usage}, Error{unavailable, full}.
void change_setting(const std::filesystem::path& file, std::string_view key, const std::optional<std::string>& value);

} // namespace caplet
