#include "core/seats.hpp"

#include "core/error.hpp"

#include <fmt/format.h>

namespace caplet {

Seats::Seats(Records& records, const Policy& policy, std::string_view account, Instant now)
    : m_pats{policy.most_pats}, m_sats{policy.most_sats} {
  if (!m_pats.most && !m_sats.most) {
    return;
  }
  records.each_token([&](const Token& token) {
    if (token.account == account && is_live(token, now)) {
      ++of(token.kind).taken;
    }
    return true;
  });
}

void Seats::take(TokenKind kind) {
  Seat& seat = of(kind);
  if (seat.most && seat.taken >= *seat.most) {
    throw Error(Errc::denied,
                fmt::format("the store's policy allows {} live {} token{} in an account, and there {}", *seat.most,
                            kind == TokenKind::pat ? "personal" : "scoped", *seat.most == 1 ? "" : "s",
                            seat.taken == 1 ? "is one" : fmt::format("are {}", seat.taken)),
                *seat.most == 0 ? "the rules: caplet store policy get"
                                : "delete one first: caplet token list; the rules: caplet store policy get");
  }
  ++seat.taken;
}

} // namespace caplet
