#include "cli/new_file.hpp"

#include "core/error.hpp"
#include "core/text.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace caplet {
namespace {

constexpr std::size_t k_path_shown = 4096;

Fd make(std::string& temporary, const std::filesystem::path& path) {
  require_absent(path); // before the work, not only after it
  Fd file(::mkostemp(temporary.data(), O_CLOEXEC));
  if (!file.is_open()) {
    throw Error(Errc::failed,
                fmt::format("cannot make {}: {}", escape(path.string(), k_path_shown), std::strerror(errno)),
                "check the directory that it is to be in");
  }
  return file;
}

} // namespace

NewFile::NewFile(const std::filesystem::path& path)
    : m_path(path), m_temporary(path.string() + ".XXXXXX"), m_file(make(m_temporary, path)),
      m_out(m_file.get(), Output::OnFailure::error, escape(path.string(), k_path_shown)) {}

NewFile::~NewFile() {
  if (!m_temporary.empty()) {
    ::unlink(m_temporary.c_str());
  }
}

void NewFile::make_durable() {
  m_out.flush();
  if (::fsync(m_file.get()) != 0) {
    throw Error(Errc::output,
                fmt::format("cannot write {}: {}", escape(m_path.string(), k_path_shown), std::strerror(errno)),
                "write to a disk with room");
  }
}

std::filesystem::path NewFile::keep_unfinished() noexcept { return std::exchange(m_temporary, {}); }

void NewFile::finish() {
  make_durable();
  rename_new(m_temporary, m_path);
  m_temporary.clear();
  sync_directory(m_path.has_parent_path() ? m_path.parent_path() : std::filesystem::path("."));
}

} // namespace caplet
