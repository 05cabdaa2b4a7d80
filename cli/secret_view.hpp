#pragma once

#include "cli/context.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace caplet {

/// Shows the secret of a token that was just made or rotated, the one time that this can be. `plain`: the token alone
/// on standard output, and the words around it (`verb`: "Success! Your token") on standard error; `json`: with its
/// record; or to a new file, which is 0600. Throws Error{output, exists, …}, and so for a reader who has gone away: a
/// secret that nobody has seen has to be taken back.
class SecretView {
public:
  /// Refuses an answer that could not be given, before anything is made. Throws Error{output, exists}.
  SecretView(Context& context, std::string format, std::optional<std::string> file);

  /// `rest`: lines for a person, below what is said of every token.
  void show(const Issued& issued, const std::string& account, std::string_view sentence,
            const std::vector<std::string>& rest = {});

private:
  void show_plain(const Issued& issued, std::string_view sentence, const std::vector<std::string>& rest);
  void show_json(const Issued& issued, const std::string& account);
  void show_in_file(const Issued& issued);

  Context& m_context;
  std::string m_format;
  std::optional<std::string> m_file;
};

} // namespace caplet
