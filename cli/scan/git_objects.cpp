#include "cli/scan/git_objects.hpp"

#include "cli/command.hpp"
#include "core/error.hpp"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <utility>

namespace caplet {
namespace {

constexpr std::size_t k_buffer_size = std::size_t{256} * 1024;

Error cut_off() {
  return {Errc::undecided, "git ended before it had told everything", "check the repository: git fsck"};
}

std::vector<std::string> batch(std::vector<std::string> words) {
  words.insert(words.begin(), {"cat-file", "--batch", "--buffer"});
  return words;
}

} // namespace

GitOutput::GitOutput(Fd output) : m_output(std::move(output)), m_buffer(k_buffer_size) {}

bool GitOutput::fill() {
  char* const buffer = reinterpret_cast<char*>(m_buffer.data().data());
  std::memmove(buffer, buffer + m_at, m_end - m_at);
  m_end -= std::exchange(m_at, 0);
  if (m_end == k_buffer_size) {
    throw Error(Errc::undecided, "git said something that is longer than any line of it",
                "check the repository: git fsck");
  }
  const auto taken = uninterrupted([&] { return ::read(m_output.get(), buffer + m_end, k_buffer_size - m_end); });
  if (taken < 0) {
    throw Error(Errc::undecided, "what git says cannot be read", "try again");
  }
  m_end += static_cast<std::size_t>(taken);
  return taken > 0;
}

std::optional<std::string> GitOutput::next(char separator) {
  std::size_t looked_at = 0;
  for (;;) {
    const std::string_view rest = m_buffer.text().substr(m_at, m_end - m_at);
    if (const auto end = rest.find(separator, looked_at); end != std::string_view::npos) {
      m_at += end + 1;
      return std::string(rest.substr(0, end));
    }
    looked_at = rest.size();
    if (!fill()) {
      if (looked_at > 0) {
        throw cut_off();
      }
      return std::nullopt;
    }
  }
}

std::string_view GitOutput::bytes(std::uint64_t most) {
  if (m_at == m_end && !fill()) {
    throw cut_off();
  }
  const auto taken = static_cast<std::size_t>(std::min<std::uint64_t>(most, m_end - m_at));
  m_at += taken;
  return m_buffer.text().substr(m_at - taken, taken);
}

GitObjects::GitObjects(const Environment& environment, const std::string& directory, std::vector<std::string> words,
                       Fd input, HookVariables hook)
    : m_git(environment, directory, batch(std::move(words)), std::move(input), hook), m_output(m_git.take_output()) {}

std::optional<GitObjects::Object> GitObjects::next(const std::function<void(std::string_view, bool)>& read) {
  const auto header = m_output.next('\n');
  if (!header) {
    return std::nullopt;
  }
  const auto fields = split(*header, ' ');
  if (fields.size() != 3) { // "… missing", "… ambiguous"
    return Object{std::string(fields.empty() ? std::string_view() : fields[0]), {}, 0};
  }
  Object object{std::string(fields[0]), std::string(fields[1]), 0};
  const std::string_view size = fields[2];
  if (std::from_chars(size.data(), size.data() + size.size(), object.size).ec != std::errc()) {
    throw cut_off();
  }
  if (object.size == 0) {
    read({}, true);
  }
  for (std::uint64_t rest = object.size; rest > 0;) {
    const std::string_view piece = m_output.bytes(rest);
    rest -= piece.size();
    read(piece, rest == 0);
  }
  m_output.bytes(1); // the newline behind it
  return object;
}

} // namespace caplet
