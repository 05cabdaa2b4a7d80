#pragma once

#include "cli/command.hpp"
#include "core/environment.hpp"

#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

namespace caplet {

/// The files from which this process reads its secrets: the token and the passphrase that it acts with, wherever the
/// command line and the environment say that they are. Whoever gets one of them may read the secret once more.
class SecretFiles {
public:
  /// To be made while the descriptors are open as they were inherited.
  SecretFiles(const Arguments& arguments, const Environment& environment);

  /// Whether a descriptor leads to one of them. A terminal does not: what was typed is gone.
  bool holds(int fd) const;
  /// Those of the descriptors which a child would inherit that do. `0` too, where a secret was read from it.
  std::vector<int> inherited() const;

private:
  void add_descriptor(int fd);
  void add_path(const std::string& path);

  std::vector<std::pair<dev_t, ino_t>> m_files;
};

} // namespace caplet
