#include "store/key_file.hpp"

#include "core/crc32.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "store/files.hpp"
#include "store/seal.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>

namespace caplet {
namespace {

constexpr std::string_view k_head = "CAPLET-KEY-1 ";
constexpr std::size_t k_slot_at = k_head.size();
constexpr std::size_t k_key_at = k_slot_at + 2 * std::tuple_size_v<SlotId> + 1;
constexpr std::size_t k_crc_at = k_key_at + 2 * k_key_size + 1;
constexpr std::size_t k_file_size = k_crc_at + 8 + 1;
constexpr std::size_t k_longest = 512; // to be read, before its size is looked at

[[noreturn]] void throw_bad(const std::filesystem::path& path, std::string_view problem) {
  throw Error(Errc::damaged, fmt::format("the key file {} {}", escape(path.string(), 4096), problem),
              "put back your copy of it, or set CAPLET_KEY_FILE to where it is");
}

} // namespace

KeyFile draw_key_file() {
  KeyFile file;
  file.key = Secret(k_key_size);
  randombytes_buf(file.slot.data(), file.slot.size());
  randombytes_buf(file.key.data().data(), file.key.size());
  return file;
}

KeyFile parse_key_file(std::string_view text, const std::filesystem::path& path) {
  if (text.empty()) {
    throw_bad(path, "is empty");
  }
  if (!text.starts_with(k_head.substr(0, std::min(text.size(), k_head.size())))) {
    throw_bad(path, "is not a caplet key file, or its first bytes are damaged");
  }
  if (text.size() < k_file_size) {
    throw_bad(path, "is cut short");
  }
  KeyFile file;
  file.key = Secret(k_key_size);
  std::array<unsigned char, 4> crc{};
  const auto sum = crc32(text.substr(0, k_crc_at - 1));
  const std::array<unsigned char, 4> expected{static_cast<unsigned char>(sum >> 24U),
                                              static_cast<unsigned char>(sum >> 16U),
                                              static_cast<unsigned char>(sum >> 8U), static_cast<unsigned char>(sum)};
  const bool fits = text.size() == k_file_size && text.back() == '\n' && text[k_key_at - 1] == ' ' &&
                    text[k_crc_at - 1] == ' ' && from_hex(text.substr(k_slot_at, 2 * file.slot.size()), file.slot) &&
                    from_hex(text.substr(k_key_at, 2 * k_key_size), file.key.data()) &&
                    from_hex(text.substr(k_crc_at, 2 * crc.size()), crc) && crc == expected;
  if (!fits) {
    throw_bad(path, "is damaged: its checksum does not fit");
  }
  return file;
}

KeyFile read_key_file(const std::filesystem::path& path) {
  const Secret bytes = read_private_file(path, "the key file", k_longest);
  return parse_key_file(bytes.text(), path);
}

Secret format_key_file(const KeyFile& key) {
  Secret line(k_file_size);
  const auto out = line.data();
  const auto put = [&](std::size_t at, std::string_view text) {
    std::copy(text.begin(), text.end(), out.begin() + static_cast<std::ptrdiff_t>(at));
  };
  put(0, k_head);
  put(k_slot_at, to_hex(key.slot) + " ");
  Secret hex(2 * k_key_size + 1);
  sodium_bin2hex(reinterpret_cast<char*>(hex.data().data()), hex.size(), key.key.view().data(), key.key.size());
  hex.truncate(2 * k_key_size);
  put(k_key_at, hex.text());
  put(k_crc_at - 1, " ");
  put(k_crc_at, fmt::format("{:08x}\n", crc32(line.text().substr(0, k_crc_at - 1))));
  return line;
}

void write_key_file(const std::filesystem::path& path, const KeyFile& key) {
  write_private_file(path, format_key_file(key).view());
}

} // namespace caplet
