#include "cli/new_file.hpp"

#include "core/text.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

namespace caplet {
namespace {

constexpr std::size_t k_path_shown = 4096;

Fd make(std::string& temporary, const std::filesystem::path& path) {
  require_absent(path); // before the work, not only after it
  Fd file(::mkostemp(temporary.data(), O_CLOEXEC));
  if (!file.is_open()) {
    throw_errno("cannot make", path, errno);
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

void NewFile::finish() {
  m_out.flush();
  if (::fsync(m_file.get()) != 0) {
    throw_errno("cannot write", m_path, errno);
  }
  rename_new(m_temporary, m_path);
  m_temporary.clear();
  sync_directory(m_path.has_parent_path() ? m_path.parent_path() : std::filesystem::path("."));
}

} // namespace caplet
