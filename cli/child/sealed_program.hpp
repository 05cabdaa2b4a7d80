#pragma once

#include "core/bytes.hpp"
#include "store/files.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace caplet {

/// What the first line of a script says: `#!path argument`, read as Linux reads it.
struct Shebang {
  std::string path;
  std::string argument; ///< one at most; may be empty
};

/// Nothing for what does not start with `#!` and a path.
std::optional<Shebang> shebang_of(ByteView bytes);

/// A program in memory which nobody can change any more, root included: a memfd that is sealed against writing,
/// growing, shrinking and unsealing, and hashed after that. A file that was opened and hashed can still be written to
/// before it is executed; this cannot.
class SealedProgram {
public:
  /// Throws NotRun (126) where the sealed bytes are not those of `expected`, Error{failed} where the kernel has no
  /// memory or no memfd. `name` is shown in /proc.
  SealedProgram(const std::string& name, ByteView bytes, const Digest& expected);

  /// An interpreter, copied from its file: the file may change as soon as it was read. Throws NotRun.
  static SealedProgram of_file(const std::string& path, const Digest& expected);

  int descriptor() const noexcept { return m_memory.get(); }
  const std::optional<Shebang>& shebang() const noexcept { return m_shebang; }

private:
  Fd m_memory;
  std::optional<Shebang> m_shebang;
};

/// The bytes of a program's file, the first `most` of them. Throws NotRun.
Bytes read_program(const std::string& path, std::size_t most = SIZE_MAX);

/// Becomes the program, in a process that was forked for it. A script is read by its interpreter through `descriptor`,
/// so it stays open there; of an ELF program nothing stays open. With an `interpreter`, a script is given to that one
/// rather than to the file its first line names. Returns errno where it fails.
///
/// REQUIRES: `descriptor` is that of a copy of `program`, `interpreter` -1 or the descriptor of a sealed one.
int execute(int descriptor, const std::optional<Shebang>& shebang, int interpreter, const std::vector<char*>& arguments,
            const std::vector<char*>& environment) noexcept;

} // namespace caplet
