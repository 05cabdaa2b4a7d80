#include "core/error.hpp"

#include <array>

namespace caplet {
namespace {

constexpr std::array k_table{
    ErrcInfo{Errc::failed, "failed", 1, "the work could not be done"},
    ErrcInfo{Errc::output, "output", 1, "standard output could not be written"},
    ErrcInfo{Errc::exists, "exists", 1, "the name is taken"},
    ErrcInfo{Errc::denied, "denied", 1, "the token may not do this"},
    ErrcInfo{Errc::refused, "refused", 1, "a definite no: the token is not valid"},
    ErrcInfo{Errc::usage, "usage", 2, "a bad command, option, argument or value"},
    ErrcInfo{Errc::undecided, "undecided", 2, "the question could not be decided"},
    ErrcInfo{Errc::cancelled, "cancelled", 3, "cancelled at a prompt"},
    ErrcInfo{Errc::rejected, "rejected", 4, "not logged in, or the credential was rejected"},
    ErrcInfo{Errc::not_found, "not_found", 5, "no such token"},
    ErrcInfo{Errc::ambiguous, "ambiguous", 5, "more than one token fits"},
    ErrcInfo{Errc::busy, "busy", 6, "another process holds the store"},
    ErrcInfo{Errc::missing, "missing", 6, "there is no store yet"},
    ErrcInfo{Errc::unavailable, "unavailable", 6, "the store cannot be reached or written"},
    ErrcInfo{Errc::full, "full", 6, "the disk is full"},
    ErrcInfo{Errc::unsafe, "unsafe", 6, "others could read or change the store or its key"},
    ErrcInfo{Errc::locked, "locked", 7, "no key at hand opens the store"},
    ErrcInfo{Errc::damaged, "damaged", 8, "the store or key is damaged or was tampered with"},
    ErrcInfo{Errc::newer_format, "newer_format", 8, "the store was made by a newer caplet"},
};

constexpr bool in_enum_order() {
  for (std::size_t i = 0; i < k_table.size(); ++i) {
    if (static_cast<std::size_t>(k_table[i].code) != i) {
      return false;
    }
  }
  return true;
}
static_assert(in_enum_order(), "errc_info() indexes the table by the enum");
static_assert(k_table.size() == static_cast<std::size_t>(Errc::newer_format) + 1);

} // namespace

std::span<const ErrcInfo> errc_table() noexcept { return k_table; }

const ErrcInfo& errc_info(Errc code) noexcept { return k_table[static_cast<std::size_t>(code)]; }

} // namespace caplet
