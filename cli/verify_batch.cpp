#include "cli/verify_batch.hpp"

#include "cli/line_reader.hpp"
#include "cli/verdict_view.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>

namespace caplet {
namespace {

using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;

constexpr auto k_write_each = 2s;

/// What is to be written of the verdicts so far. Written when this ends, however it ends.
class Notes {
public:
  explicit Notes(Authority& authority) : m_authority(authority) {}
  Notes(const Notes&) = delete;
  Notes& operator=(const Notes&) = delete;
  ~Notes() { write(); }

  HeldNotes& held() noexcept { return m_held; }
  void write() noexcept {
    m_authority.write(m_held);
    m_next = SteadyClock::now() + k_write_each;
  }
  void write_if_due() noexcept {
    if (m_held.full() || (!m_held.empty() && SteadyClock::now() >= m_next)) {
      write();
    }
  }

private:
  Authority& m_authority;
  HeldNotes m_held;
  SteadyClock::time_point m_next = SteadyClock::now() + k_write_each;
};

/// The names of accounts, of which most stores have one: the last is kept.
class AccountNames {
public:
  explicit AccountNames(Authority& authority) : m_authority(authority) {}

  const std::string& of(const Verdict& verdict) {
    if (verdict.token && verdict.token->account != m_id) {
      m_name = m_authority.account_name(verdict.token->account);
      m_id = verdict.token->account;
    }
    return m_name;
  }

private:
  Authority& m_authority;
  std::string m_id;
  std::string m_name;
};

/// What was answered stays answered when a line cannot be decided.
template <typename Question>
Verdict decided(Context& context, const Question& question) {
  try {
    return question();
  } catch (const Error&) {
    context.out().flush();
    throw;
  }
}

} // namespace

int verify_batch(Context& context, const Arguments& arguments, const Presented& presented) {
  Authority& authority = context.authority(); // where there is none, no line is answered
  LineReader lines(STDIN_FILENO, LineReader::TooLong::cut);
  Notes notes(authority);
  AccountNames accounts(authority);
  const std::uint32_t os_uid = ::geteuid();
  const bool is_use = !presented.at; // what is asked of another time uses nothing up
  const bool quiet = arguments.has("quiet");
  int status = EXIT_SUCCESS;
  std::string text;
  while (true) {
    if (!lines.is_ready(0ms)) {
      context.out().flush();
      if (!lines.is_ready(k_write_each)) {
        notes.write();
      }
    }
    const auto line = lines.next();
    if (!line) {
      return status;
    }
    const Verdict verdict =
        is_use ? authority.admit(*line, presented, os_uid, notes.held()) : authority.verify(*line, presented);
    if (!quiet) {
      text.clear();
      write_json(text, verdict, accounts.of(verdict), presented.at.value_or(context.now()));
      context.out().line(text);
    }
    status = std::max(status, verdict.valid() ? EXIT_SUCCESS : errc_info(Errc::refused).exit_status);
    notes.write_if_due();
  }
}

} // namespace caplet
