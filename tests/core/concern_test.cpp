#include "core/concern.hpp"

#include <catch2/catch.hpp>

using namespace caplet;
using namespace std::chrono_literals;

namespace {

const Instant k_made(std::chrono::seconds(1'800'000'000));

Token token() {
  Token token;
  token.created_at = k_made;
  token.expires_at = k_made + 10000 * 24h;
  return token;
}

using Concerns = std::vector<Concern>;

} // namespace

TEST_CASE("a token that was just made is no concern, nor is one that is revoked") {
  CHECK(concerns_of(token(), k_made).empty());
  Token revoked = token();
  revoked.expires_at.reset();
  revoked.revoked_at = k_made;
  CHECK(concerns_of(revoked, k_made + 1000 * 24h).empty());
}

TEST_CASE("a token without an end is a concern, unless not using it ends it") {
  Token endless = token();
  endless.expires_at.reset();
  CHECK(concerns_of(endless, k_made) == Concerns{Concern::endless});
  endless.idle_limit = 24h;
  CHECK(concerns_of(endless, k_made).empty());
  CHECK(concerns_of(endless, k_made + 24h) == Concerns{Concern::expired});
}

TEST_CASE("a token is unused from its last use on, or from when it could first be used") {
  Token idle = token();
  CHECK(concerns_of(idle, k_made + k_unused - 1us).empty());
  CHECK(concerns_of(idle, k_made + k_unused) == Concerns{Concern::unused});
  idle.last_used_at = k_made + 24h;
  idle.kind = TokenKind::sat;
  CHECK(concerns_of(idle, k_made + k_unused).empty());
  CHECK(concerns_of(idle, k_made + k_unused + 24h) == Concerns{Concern::unused});
  idle.last_used_at.reset();
  idle.not_before = k_made + 48h;
  CHECK(concerns_of(idle, k_made + k_unused + 47h).empty());
  CHECK(concerns_of(idle, k_made + k_unused + 48h) == Concerns{Concern::unused});
}

TEST_CASE("scopes are unused where nobody asked for them in a month") {
  Token scoped = token();
  scoped.kind = TokenKind::sat;
  scoped.scopes = {"a:b", "a:c", "a:d"};
  scoped.last_used_at = k_made + k_settled - 1h;
  scoped.scopes_used = 0b101;
  CHECK(concerns_of(scoped, k_made + k_settled - 1us).empty());
  CHECK(concerns_of(scoped, k_made + k_settled) == Concerns{Concern::scopes_unused});
  CHECK(used_scopes(scoped) == std::vector<std::string>{"a:b", "a:d"});
  CHECK(unused_scopes(scoped) == std::vector<std::string>{"a:c"});
  scoped.scopes_used = 0;
  CHECK(concerns_of(scoped, k_made + k_settled) == Concerns{Concern::scopes_unused});
  CHECK(unused_scopes(scoped) == scoped.scopes);
  scoped.scopes_used = 0b111;
  CHECK(concerns_of(scoped, k_made + k_settled).empty());
}

TEST_CASE("a personal token that is used and makes none could be a scoped one") {
  Token personal = token();
  CHECK(concerns_of(personal, k_made + k_settled).empty());
  personal.last_used_at = k_made + k_settled - 1h;
  CHECK(concerns_of(personal, k_made + k_settled - 1us).empty());
  CHECK(concerns_of(personal, k_made + k_settled) == Concerns{Concern::personal});
  personal.children = 1;
  CHECK(concerns_of(personal, k_made + k_settled).empty());
}

TEST_CASE("what expires within a time, and what was not used for one") {
  Token soon = token();
  soon.expires_at = k_made + 24h;
  CHECK(expires_within(soon, 24h, k_made));
  CHECK_FALSE(expires_within(soon, 24h - 1s, k_made));
  CHECK_FALSE(expires_within(soon, 24h, k_made + 24h)); // it has
  CHECK_FALSE(expires_within(soon, 24h, k_made - 1us));
  soon.idle_limit = 2h;
  CHECK(expires_within(soon, 2h, k_made));
  soon.revoked_at = k_made;
  CHECK_FALSE(expires_within(soon, 24h, k_made));
}
