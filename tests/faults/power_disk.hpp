#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace caplet::test {

/// What a disk may hold once the power has been cut: for each file what was synced, and anything of what was not.
/// Sectors written since the last sync of their file get there or not, in any order, whole, in part or as rubbish.
/// Names made and removed since the last sync of the directory get there in their order, up to anywhere.
class PowerDisk {
public:
  enum class Honours : std::uint8_t { all_syncs, file_syncs_only, nothing };

  /// What becomes of the sectors that were not synced: drawn for each of them, or all of them turn to rubbish.
  enum class Fate : std::uint8_t { drawn, rubbish };

  struct File {
    struct Write {
      std::size_t at;
      std::string bytes; ///< within one sector
    };
    std::string synced;
    std::vector<Write> unsynced;
  };
  using Node = std::shared_ptr<File>;

  explicit PowerDisk(Honours honours) : m_honours(honours) {}

  /// The file of this name. One that is not known yet was there, synced, with the bytes that `read` gives.
  template <typename Read>
  Node find(const std::string& name, const Read& read) {
    if (m_now.count(name) == 0) {
      m_now[name] = m_synced[name] = std::make_shared<File>(File{read(), {}});
    }
    return m_now[name];
  }
  Node make(const std::string& name);
  void remove(const std::string& name);
  static void write(const Node& file, std::size_t at, std::string_view bytes);
  void sync(const Node& file) const;
  void sync_directory();

  /// The power is cut: the files as they are then, by name. The same seed gives the same ones.
  std::map<std::string, std::string> cut(std::uint32_t seed, Fate fate) const;

private:
  Honours m_honours;
  std::map<std::string, Node> m_now;
  std::map<std::string, Node> m_synced;
  std::vector<std::pair<std::string, Node>>
      m_unsynced_names; ///< names made, or (null) removed, since the directory's sync
};

} // namespace caplet::test
