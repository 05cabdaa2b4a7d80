#include "cli/provision.hpp"

#include "cli/json_writer.hpp"
#include "cli/new_file.hpp"
#include "cli/progress_bar.hpp"
#include "cli/token_lines.hpp"
#include "cli/token_options.hpp"
#include "cli/token_source.hpp"
#include "cli/token_view.hpp"
#include "core/text.hpp"
#include "core/time_text.hpp"
#include "store/files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <functional>

namespace caplet {
namespace {

/// What a line says of its own token.
constexpr std::array k_in_the_lines{"name", "description", "expires",  "scope",          "function", "not-before",
                                    "uses", "cidr",        "audience", "expires-unused", "meta",     "format"};

void check_options(const Arguments& arguments) {
  for (const std::string_view option : k_in_the_lines) {
    if (arguments.has(option)) {
      throw Error(Errc::usage, fmt::format("--{} does not go with --from", option), "say it in each line of the file");
    }
  }
  if (arguments.value("from") == "-" && arguments.value("token") == "-") {
    throw Error(Errc::usage, "both --from - and --token - read standard input",
                "give the token another way: --token-file, CAPLET_TOKEN");
  }
}

/// Where the lines come from. Whoever may read them does no harm: there is no secret in them.
class Source {
public:
  explicit Source(const std::string& name) {
    if (name == "-") {
      return;
    }
    m_file = Fd(::open(absolute_path(name).c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    if (!m_file.is_open()) {
      throw Error(Errc::failed, fmt::format("cannot read {}: {}", escape(name, 4096), std::strerror(errno)),
                  "check the name of the file");
    }
  }

  int fd() const { return m_file.is_open() ? m_file.get() : STDIN_FILENO; }
  /// 0 where that is not known.
  std::uint64_t size() const {
    struct stat status {};
    const bool known = ::fstat(fd(), &status) == 0 && S_ISREG(status.st_mode);
    return known ? static_cast<std::uint64_t>(status.st_size) : 0;
  }

private:
  Fd m_file;
};

std::string tokens(std::uint64_t count) { return fmt::format("{} token{}", count, count == 1 ? "" : "s"); }

/// The lines on their way in, and the tokens on their way out.
class Provisioning {
public:
  /// `settle` is called when all is written, before anything counts.
  Provisioning(Context& context, const Source& source, Output& out, std::string account, const Ending& usual,
               std::function<void()> settle)
      : m_context(context), m_lines(source.fd(), context.now()), m_bar(context, "Making tokens"),
        m_progress(m_bar.progress()), m_size(source.size()), m_out(out), m_account(std::move(account)), m_usual(usual),
        m_settle(std::move(settle)) {}

  std::optional<TokenRequest> next() {
    auto request = m_lines.next();
    m_at_line = request.has_value();
    if (!request) {
      m_settle();
      return request;
    }
    if (request->ending.by_policy()) {
      request->ending = m_usual;
    }
    if (m_progress && m_count % k_tell_each == 0) {
      m_progress(m_lines.bytes(), m_size);
    }
    return request;
  }

  void show(const Token& token, std::string_view secret) {
    m_text.clear();
    JsonWriter json(m_text);
    json.open('{');
    write_fields(json, token, m_account, m_context.now());
    json.key("token");
    m_out.write(m_text);
    m_out.write("\""); // the secret goes straight into what is wiped; no token has a character to be escaped
    m_out.write(secret);
    m_out.write("\"}\n");
  }

  void made(const Token& token, std::string_view secret, Authority::Trial trial) {
    ++m_count;
    m_at_line = false;
    m_half_seen += limits_unseen_offline(token).empty() ? 0U : 1U;
    if (trial == Authority::Trial::no) {
      show(token, secret);
    }
  }

  /// Says of which line it is, if it is of one.
  Error named(const Error& e) const { return m_at_line ? m_lines.at_line(e) : e; }
  std::uint64_t count() const { return m_count; }
  /// JWTs with limits that are not in their claims.
  std::uint64_t half_seen() const { return m_half_seen; }

private:
  static constexpr std::uint64_t k_tell_each = 256;

  Context& m_context;
  TokenLines m_lines;
  ProgressBar m_bar;
  Progress m_progress;
  std::uint64_t m_size;
  Output& m_out;
  std::string m_account;
  Ending m_usual; ///< of a line that says none
  std::function<void()> m_settle;
  std::string m_text;
  std::uint64_t m_count = 0;
  std::uint64_t m_half_seen = 0;
  bool m_at_line = false; ///< a line was read, and its token not yet made
};

/// How many were made.
std::uint64_t run(Context& context, const Actor& actor, const Source& source, const Ending& usual, NewFile* file,
                  Authority::Trial trial) {
  Authority& authority = context.authority();
  Output& out = file != nullptr ? file->out() : context.out();
  const auto settle = [&] {
    if (file != nullptr) {
      file->make_durable();
    } else {
      out.flush();
    }
  };
  Provisioning work(context, source, out, authority.account_name(actor.account), usual, settle);
  try {
    authority.issue_all(
        actor, [&] { return work.next(); },
        [&](const Token& token, std::string_view secret) { work.made(token, secret, trial); }, trial);
  } catch (const BrokenPipe&) {
    throw Error(Errc::output, "the reader of the tokens has gone away: nothing was made", "run it again");
  } catch (const Error& e) {
    throw work.named(e);
  }
  if (work.half_seen() > 0) {
    context.warn(fmt::format("who verifies offline does not see the limits of {} in the JWT format: networks, uses, "
                             "expires_unused",
                             tokens(work.half_seen())));
  }
  return work.count();
}

/// The tokens are made, and the file has no name yet.
void name_file(NewFile& file) {
  try {
    file.finish();
  } catch (const Error& e) {
    throw Error(e.code(), fmt::format("the tokens were made, but {}", e.what()),
                fmt::format("they are in {}", escape(file.keep_unfinished().string(), 4096)));
  }
}

} // namespace

int provision(Context& context, const Arguments& arguments) {
  check_options(arguments);
  const auto trial = arguments.has("dry-run") ? Authority::Trial::yes : Authority::Trial::no;
  const Source source(arguments.value("from").value_or("-"));
  std::optional<NewFile> file;
  if (const auto name = arguments.value("out"); name && trial == Authority::Trial::no) {
    file.emplace(absolute_path(*name));
  }
  if (!file) {
    context.out().require_writable();
  }
  const auto token = acting_token(context, arguments);
  if (token || trial == Authority::Trial::yes) {
    context.authority();
  } else {
    context.authority_making_store();
  }
  const auto setting = token ? std::nullopt : context.config().value("expires"); // as for one
  const Ending usual = setting ? Ending(parse_expiry(*setting, context.now())) : Ending();
  const std::uint64_t count = run(context, context.actor(token), source, usual, file ? &*file : nullptr, trial);
  if (trial == Authority::Trial::yes) {
    context.err().line(fmt::format("Nothing was made. It would be {}.", tokens(count)));
    return EXIT_SUCCESS;
  }
  if (file) {
    name_file(*file);
  }
  context.err().line(
      fmt::format("Made {}{}.", tokens(count), file ? ", in " + escape(*arguments.value("out"), 4096) : std::string()));
  return EXIT_SUCCESS;
}

} // namespace caplet
