#include "cli/commands/all.hpp"
#include "cli/context.hpp"
#include "cli/json_writer.hpp"
#include "cli/pager.hpp"
#include "cli/table.hpp"
#include "cli/token_choice.hpp"
#include "cli/token_options.hpp"
#include "cli/token_view.hpp"
#include "core/text.hpp"
#include "core/time_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <functional>
#include <vector>

namespace caplet {
namespace {

constexpr std::array k_options{
    Option{"-a,--all", "", "revoked tokens, too"},
    Option{"--state", "STATE", "only these; may be repeated", true, "active,revoked,expired,not_yet_valid,exhausted"},
    Option{"--expiring-within", "TIME", "only those that end within so long: 7d"},
    Option{"--unused-for", "TIME", "only those that were not used for so long: 90d"},
    Option{"--sort", "WORD", "in this order; created is the default", false, "created,name,expires,last-used"},
    Option{"--reverse", "", "the last one first"},
    Option{"--limit", "N", "at most so many"},
    Option{"--wide", "", "in a table: kind, state and scopes, too"},
    Option{"--no-pager", "", "never show a long list in a pager"},
};

using Visit = std::function<void(const Token&)>;
using Each = std::function<std::size_t(const Visit&)>; ///< calls it for each token; how many there were

/// How much a table says, so that it fits a narrow terminal.
enum class Detail : std::uint8_t { times, dates, expiry };
enum class Breadth : std::uint8_t { usual, wide };

std::string time_cell(const std::optional<Instant>& time, Detail detail) {
  constexpr std::size_t k_date_length = std::string_view("Jan 10 2023").size();
  const std::string text = time ? local_time(*time) : "never";
  return detail == Detail::times ? text : text.substr(0, k_date_length);
}

/// What ends soon, and what has ended, says so in a word: not everybody sees the colour.
Table::Cell expiry_cell(const Token& token, Instant now, Detail detail) {
  constexpr auto k_soon = std::chrono::days(7);
  const auto end = end_of(token);
  const auto marked = [&](std::string_view mark) {
    return detail == Detail::expiry ? std::string(mark) : fmt::format("{} ({})", time_cell(end, detail), mark);
  };
  switch (state_of(token, now)) {
  case TokenState::expired:
    return {detail == Detail::times ? marked("expired") : "expired", Style::yellow};
  case TokenState::revoked:
    return {"revoked", Style::red};
  case TokenState::exhausted:
    return {"used up", Style::yellow};
  case TokenState::not_yet_valid:
    return {detail == Detail::times ? fmt::format("not before {}", local_time(*token.not_before)) : "not yet",
            Style::yellow};
  case TokenState::active:
    break;
  }
  if (expires_within(token, k_soon, now)) {
    return {marked("in " + humanize(std::chrono::ceil<std::chrono::seconds>(*end - now))), Style::yellow};
  }
  return {time_cell(end, detail)};
}

Table make_table(const std::vector<Token>& tokens, Instant now, Detail detail, Breadth breadth) {
  using enum Table::Shrink;
  using enum Table::Rank;
  const bool wide = breadth == Breadth::wide;
  Table table;
  table.column("ID").column("Name", allowed);
  if (wide) {
    table.column("Kind", never, middle).column("State", never, last).column("Scopes", allowed, middle);
  }
  table.column("Description", allowed, first);
  if (detail != Detail::expiry) {
    table.column("Created At").column("Last Used");
  }
  table.column("Expires");
  for (const Token& token : tokens) {
    std::vector<Table::Cell> cells{{token.id}, {escape(token.name)}};
    if (wide) {
      const std::string scopes = fmt::format("{}", fmt::join(token.scopes, " "));
      cells.push_back({std::string(to_string(token.kind))});
      cells.push_back({std::string(to_string(state_of(token, now)))});
      cells.push_back({token.kind == TokenKind::pat ? "all" : scopes});
    }
    cells.push_back({escape(token.description)});
    if (detail != Detail::expiry) {
      cells.push_back({time_cell(token.created_at, detail)});
      cells.push_back({time_cell(token.last_used_at, detail)});
    }
    cells.push_back(expiry_cell(token, now, detail));
    table.row(std::move(cells));
  }
  return table;
}

std::size_t print_table(Context& context, const Arguments& arguments, const Each& each, Breadth breadth) {
  std::vector<Token> tokens;
  each([&](const Token& token) { tokens.push_back(token); });
  if (tokens.empty()) {
    return 0;
  }
  const Table::Look look{context.utf8(), context.colors(context.out()), terminal_width(context.out())};
  constexpr std::array k_details{Detail::times, Detail::dates, Detail::expiry};
  print_paged(context, arguments, draw_what_fits(look, k_details.size(), [&](std::size_t i) {
                return make_table(tokens, context.now(), k_details[i], breadth);
              }));
  return tokens.size();
}

std::size_t print_tsv(Context& context, const Each& each) {
  return each([&](const Token& token) {
    const auto time = [](const std::optional<Instant>& at) { return at ? format_rfc3339(*at) : std::string(); };
    context.out().line(fmt::format("{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}", token.id, tsv_field(token.name),
                                   tsv_field(token.description), time(token.created_at), time(token.last_used_at),
                                   time(token.expires_at), to_string(state_of(token, context.now())),
                                   to_string(token.kind), fmt::join(token.scopes, " ")));
  });
}

std::size_t print_names(Context& context, const Each& each) {
  return each([&](const Token& token) { context.out().line(escape(token.name)); });
}

/// One object a line, or one array: written as it is read, so that a million tokens take no more memory than one.
std::size_t print_json(Context& context, const Each& each, const std::string& account, bool lines) {
  const Instant now = context.now();
  std::string text;
  std::size_t printed = 0;
  const std::size_t count = each([&](const Token& token) {
    text = lines ? "" : (printed++ == 0 ? "[\n  " : ",\n  ");
    JsonWriter json(text);
    json.open('{');
    write_fields(json, token, account, now);
    json.close('}');
    text += lines ? "\n" : "";
    context.out().write(text);
  });
  context.out().write(lines ? "" : (count == 0 ? "[]\n" : "\n]\n"));
  return count;
}

/// The tokens that were asked for, in the order that was asked for. As they were made, each is visited as it is read;
/// in another order, those that are to be shown are in memory together.
class Selection {
public:
  Selection(Context& context, const Arguments& arguments, const Actor& actor)
      : m_context(context), m_actor(actor), m_choice(arguments), m_all(arguments.has("all")),
        m_reverse(arguments.has("reverse")), m_now(context.now()) {
    if (const auto limit = arguments.value("limit")) {
      m_limit = count_from(*limit, "--limit");
    }
    if (const auto order = arguments.value("sort")) {
      m_order = token_order_from(*order);
    }
  }

  bool is_narrowed() const noexcept { return m_choice.is_narrowed(); }

  std::size_t each(const Visit& visit) const {
    if (!m_order && !m_reverse) {
      return as_read([&](const Token& token, std::size_t count) {
        visit(token);
        return count < m_limit;
      });
    }
    const std::vector<Placed> tokens = sorted();
    for (const Placed& each : tokens) {
      visit(each.token);
    }
    return tokens.size();
  }

private:
  std::size_t as_read(const std::function<bool(const Token&, std::size_t count)>& visit) const {
    std::size_t count = 0;
    m_context.authority().each(
        m_actor, [&](const Token& token) { return !m_choice.holds(token, m_now, m_all) || visit(token, ++count); });
    return count;
  }

  struct Placed {
    Token token;
    std::size_t number; ///< in the order they were made: of equals, the first comes first
  };

  std::vector<Placed> sorted() const {
    const TokenOrder order = m_order.value_or(TokenOrder::created);
    const auto in_order = [&](const Placed& a, const Placed& b) {
      return comes_before(a.token, b.token, order) || (!comes_before(b.token, a.token, order) && a.number < b.number);
    };
    const auto before = [&](const Placed& a, const Placed& b) { return m_reverse ? in_order(b, a) : in_order(a, b); };
    std::vector<Placed> tokens;
    const auto cut = [&] {
      std::sort(tokens.begin(), tokens.end(), before);
      tokens.resize(std::min<std::size_t>(tokens.size(), m_limit));
    };
    as_read([&](const Token& token, std::size_t count) {
      tokens.push_back({token, count});
      if (tokens.size() >= k_least_to_cut && tokens.size() / 2 >= m_limit) {
        cut(); // no more in memory than twice what is shown
      }
      return true;
    });
    cut();
    return tokens;
  }

  static constexpr std::size_t k_least_to_cut = 1024;

  Context& m_context;
  const Actor& m_actor;
  TokenChoice m_choice;
  bool m_all;
  bool m_reverse;
  Instant m_now; ///< one for all
  std::optional<TokenOrder> m_order;
  std::uint64_t m_limit = SIZE_MAX;
};

int run_list(Context& context, const Arguments& arguments) {
  Authority& authority = context.authority();
  const Actor actor = context.actor(arguments);
  const Selection selection(context, arguments, actor);
  const Each each = [&](const Visit& visit) { return selection.each(visit); };
  const std::string format = output_format(k_token_list, arguments);
  const bool is_json = format == "json" || format == "jsonl";
  const Breadth breadth = arguments.has("wide") ? Breadth::wide : Breadth::usual;
  const std::size_t count = is_json
                                ? print_json(context, each, authority.account_name(actor.account), format == "jsonl")
                            : format == "tsv"  ? print_tsv(context, each)
                            : format == "name" ? print_names(context, each)
                                               : print_table(context, arguments, each, breadth);
  if (count == 0) {
    context.err().line(selection.is_narrowed() ? "No such tokens."
                                               : "No tokens yet. Make one: caplet token create -n NAME");
  }
  return EXIT_SUCCESS;
}

} // namespace

constinit const Command k_token_list{
    .path = "token list",
    .aliases = "token ls",
    .summary = "List the tokens.",
    .details =
        "What ends within a week says when. The columns of tsv: id, name, description, created, last used, expires, "
        "state, kind, scopes.",
    .examples = "caplet token list\n"
                "caplet token list --expiring-within 14d --sort expires\n"
                "caplet token list -o json | jq .",
    .options = k_options,
    .formats = "table,json,jsonl,tsv,name",
    .token = TokenRole::actor,
    .run = run_list,
};

} // namespace caplet
