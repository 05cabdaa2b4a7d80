#include "cli/secret_view.hpp"

#include "cli/new_file.hpp"
#include "cli/token_view.hpp"
#include "core/error.hpp"
#include "core/secret.hpp"
#include "core/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace caplet {
namespace {

std::string expiry_line(const Token& token, Instant now) {
  const auto end = end_of(token);
  return end ? fmt::format("Expires:   {}", local_time_and_distance(*end, now)) : "Expires:   never";
}

} // namespace

SecretView::SecretView(Context& context, std::string format, std::optional<std::string> file)
    : m_context(context), m_format(std::move(format)), m_file(std::move(file)) {
  if (m_file) {
    const NewFile probe(absolute_path(*m_file)); // gone again with this scope
  } else {
    context.out().require_writable();
  }
}

void SecretView::show(const Issued& issued, const std::string& account, std::string_view sentence,
                      const std::vector<std::string>& rest) {
  try {
    if (m_file) {
      show_in_file(issued);
    }
    if (m_format == "json") {
      show_json(issued, account);
    } else {
      show_plain(issued, sentence, rest);
    }
    m_context.out().flush();
  } catch (const BrokenPipe&) {
    throw Error(Errc::output, "the reader of the token has gone away", "run it again");
  }
}

/// On a terminal the sentence and the token make one line; apart, the token is alone on standard output.
void SecretView::show_plain(const Issued& issued, std::string_view sentence, const std::vector<std::string>& rest) {
  Output& out = m_context.out();
  Output& err = m_context.err();
  const std::string success = styled("Success!", Style::green, m_context.colors(err));
  if (m_file) {
    err.line(fmt::format("{} {} is in {}", success, sentence, escape(*m_file, 4096)));
  } else {
    const bool together = out.is_terminal() && err.is_terminal();
    err.write(fmt::format("{} {}{}", success, sentence, together ? ": " : " is on standard output.\n"));
    err.flush();
    out.line(issued.secret.text());
    out.flush();
    err.line("Shown this once; nobody can recover it.");
  }
  err.line(expiry_line(issued.token, m_context.now()));
  for (const std::string& line : rest) {
    err.line(line);
  }
  err.line("Check it:  caplet verify --token -");
}

void SecretView::show_json(const Issued& issued, const std::string& account) {
  nlohmann::ordered_json json = to_json(issued.token, account, m_context.now());
  if (m_file) {
    m_context.out().line(json_pretty(json));
    return;
  }
  json["token"] = issued.secret.text();
  std::string text = json_pretty(json);
  m_context.out().line(text);
  wipe(text);
  wipe(json["token"].get_ref<std::string&>());
}

void SecretView::show_in_file(const Issued& issued) {
  NewFile file(absolute_path(*m_file));
  file.out().line(issued.secret.text());
  file.finish();
}

} // namespace caplet
