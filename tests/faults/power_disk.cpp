#include "tests/faults/power_disk.hpp"

#include <algorithm>
#include <array>

namespace caplet::test {
namespace {

constexpr std::size_t k_sector = 512;

using Random = std::mt19937;

bool happens(Random& random, double probability) { return std::bernoulli_distribution(probability)(random); }

std::size_t up_to(Random& random, std::size_t most) {
  return std::uniform_int_distribution<std::size_t>(0, most)(random);
}

void put(std::string& content, std::size_t at, std::string_view bytes) {
  if (content.size() < at + bytes.size()) {
    content.resize(at + bytes.size()); // with a hole of zeros, maybe
  }
  content.replace(at, bytes.size(), bytes);
}

void put_rubbish(std::string& content, PowerDisk::File::Write write, Random& random) {
  for (char& byte : write.bytes) {
    byte = static_cast<char>(random());
  }
  put(content, write.at, write.bytes);
}

/// A sector that was being written when the power went: its beginning, its end, or rubbish.
void put_torn(std::string& content, const PowerDisk::File::Write& write, Random& random) {
  const std::size_t half = up_to(random, write.bytes.size());
  switch (up_to(random, 2)) {
  case 0:
    put(content, write.at, std::string_view(write.bytes).substr(0, half));
    break;
  case 1:
    put(content, write.at + half, std::string_view(write.bytes).substr(half));
    break;
  default:
    put_rubbish(content, write, random);
  }
}

std::string left_of(const PowerDisk::File& file, PowerDisk::Fate fate, Random& random) {
  // Each file has a luck of its own. With the same for all, the worst cases would hardly ever come: all of the store,
  // and nothing of its journal.
  const std::array lucks{0.0, 0.1, 0.5, 0.9, 1.0};
  const double luck = lucks.at(up_to(random, lucks.size() - 1));
  const double tear = lucks.at(up_to(random, 2)); // and a likelihood of its own that a sector is torn
  std::string content = file.synced;
  std::vector<PowerDisk::File::Write> writes = file.unsynced;
  if (happens(random, 0.3)) {
    std::shuffle(writes.begin(), writes.end(), random);
  }
  for (const auto& write : writes) {
    if (fate == PowerDisk::Fate::rubbish) {
      put_rubbish(content, write, random);
    } else if (happens(random, luck)) {
      put(content, write.at, write.bytes);
    } else if (happens(random, tear)) {
      put_torn(content, write, random);
    }
  }
  return content;
}

} // namespace

PowerDisk::Node PowerDisk::make(const std::string& name) {
  auto file = std::make_shared<File>();
  m_now[name] = file;
  m_unsynced_names.emplace_back(name, file);
  return file;
}

void PowerDisk::remove(const std::string& name) {
  m_now.erase(name);
  m_unsynced_names.emplace_back(name, nullptr);
}

void PowerDisk::write(const Node& file, std::size_t at, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto part = bytes.substr(0, k_sector - at % k_sector);
    file->unsynced.push_back({at, std::string(part)});
    at += part.size();
    bytes.remove_prefix(part.size());
  }
}

void PowerDisk::sync(const Node& file) const {
  if (m_honours == Honours::nothing) {
    return;
  }
  for (const File::Write& write : file->unsynced) {
    put(file->synced, write.at, write.bytes);
  }
  file->unsynced.clear();
}

void PowerDisk::sync_directory() {
  if (m_honours != Honours::all_syncs) {
    return;
  }
  m_unsynced_names.clear();
  m_synced = m_now;
}

std::map<std::string, std::string> PowerDisk::cut(std::uint32_t seed, Fate fate) const {
  Random random(seed);
  std::map<std::string, Node> names = m_synced;
  const std::size_t applied = up_to(random, m_unsynced_names.size());
  for (std::size_t i = 0; i < applied; ++i) {
    const auto& [name, file] = m_unsynced_names[i];
    if (file) {
      names[name] = file;
    } else {
      names.erase(name);
    }
  }
  std::map<std::string, std::string> contents;
  for (const auto& [name, file] : names) {
    contents[name] = left_of(*file, fate, random);
  }
  return contents;
}

} // namespace caplet::test
