#pragma once

#include "core/secret.hpp"

#include <array>
#include <filesystem>
#include <string_view>

namespace caplet {

/// A key slot's name: 8 random bytes.
using SlotId = std::array<unsigned char, 8>;

/// What a key file holds: the id of the slot that it opens and the secret that opens it. The file is one line,
/// `CAPLET-KEY-1 <slot id: 16 hex> <key: 64 hex> <CRC-32 of all before: 8 hex>` and a newline, so that damage is told
/// from a key that does not fit.
struct KeyFile {
  SlotId slot{};
  Secret key; ///< 32 bytes
};

/// A fresh one from random bytes. Throws Error{failed}.
KeyFile draw_key_file();

/// The line as it stands in the file.
Secret format_key_file(const KeyFile& key);

/// Reads such a line, and nothing else: what it accepts, format_key_file() gives back byte by byte. Throws
/// Error{damaged}, in which `path` says where the text came from.
KeyFile parse_key_file(std::string_view text, const std::filesystem::path& path);

/// Throws Error{missing, unsafe, unavailable}, and Error{damaged} for a file that is empty, cut, changed or not ours.
KeyFile read_key_file(const std::filesystem::path& path);

/// Writes a new file, complete and durable or not at all. Throws Error{exists, unavailable, full}.
void write_key_file(const std::filesystem::path& path, const KeyFile& key);

} // namespace caplet
