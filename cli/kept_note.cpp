#include "cli/kept_note.hpp"

#include "core/error.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>

namespace caplet {
namespace {

constexpr std::size_t k_longest_note = std::size_t{256} * 1024; // 16 signatures of the longest kind, and some

/// What `read` makes of a file, or of standard input.
template <typename Read>
auto with_input(const std::string& path, const Read& read) {
  if (path == "-") {
    return read(std::cin);
  }
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  const auto unreadable = [&](int error) {
    return Error(Errc::failed, fmt::format("cannot read {}: {}", escape(path, 4096), std::strerror(error)),
                 "check the path");
  };
  if (!in) {
    throw unreadable(errno != 0 ? errno : EIO);
  }
  in.peek();
  if (in.bad()) { // a directory opens, and does not read
    throw unreadable(errno != 0 ? errno : EIO);
  }
  in.clear();
  return read(in);
}

std::string read_note(std::istream& in) {
  std::string text;
  for (std::istreambuf_iterator<char> at(in), end; at != end; ++at) {
    if (text.size() == k_longest_note) {
      throw Error(Errc::damaged, "this is no checkpoint of an audit log: it is too long",
                  "give the file as caplet audit checkpoint wrote it");
    }
    text += *at;
  }
  return text;
}

} // namespace

ExportReport check_export_file(const std::string& path, const std::optional<AuditKey>& key,
                               const std::function<void(std::uint64_t seq, const Digest& link)>& visit) {
  return with_input(path, [&](std::istream& in) { return check_export(in, key, visit); });
}

SignedNote read_kept_note(const std::string& path) {
  return with_input(path, [&](std::istream& in) {
    if (in.peek() != '{') {
      in.clear();
      return parse_checkpoint(read_note(in));
    }
    ExportReport report = check_export(in, std::nullopt);
    if (report.problem) {
      throw Error(
          Errc::damaged,
          fmt::format("the export that was kept is not whole: {}: {}", report.problem->place, report.problem->what),
          "take another copy of it");
    }
    return std::move(report.note);
  });
}

} // namespace caplet
