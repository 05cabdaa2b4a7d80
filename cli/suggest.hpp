#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace caplet {

/// The word that was most likely meant: the closest by edit distance (insert, delete, replace, swap of neighbours), if
/// it is near enough; one that was only begun is as close as one with a slip. Empty for none.
std::string_view closest(std::string_view typed, const std::vector<std::string_view>& words);

} // namespace caplet
