#pragma once

#include <string>
#include <vector>

namespace caplet {

/// A file that is made from the tables, to be committed: `./dev gen` writes them.
struct GeneratedFile {
  std::string name;
  std::string text;
};

/// The manual in mdoc(7): caplet(1) and a page for each visible command. The pages of section 5 and 7 are written by
/// hand.
std::vector<GeneratedFile> man_pages();

} // namespace caplet
