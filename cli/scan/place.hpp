#pragma once

#include <string>

namespace caplet {

/// Where a token was found: in a file, or in a git object.
struct Place {
  std::string path = {};   ///< of a file, or of the blob at that commit; empty where an object has none
  std::string commit = {}; ///< the first that has the blob there; the commit itself where its message has the token
  std::string object = {}; ///< the id of the git object; empty for a file
  std::string type = {};   ///< of the object: blob, commit, tag, tree

  bool operator==(const Place&) const = default;
};

/// A path as it may be shown: a token that is a file's name does not come out.
std::string without_tokens(const std::string& path);

/// The place for a person, escaped: `src/config.py`, `0f3c2a91b7de:src/config.py`, `commit 0f3c2a91b7de`.
std::string to_text(const Place& place);

} // namespace caplet
