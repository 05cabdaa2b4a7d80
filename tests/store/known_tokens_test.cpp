// Tokens that are shown again and again: what is known of them never outlives a change of the store.

#include "store/known_tokens.hpp"
#include "tests/store/failure.hpp"
#include "tests/store/support.hpp"

#include <catch2/catch.hpp>

using namespace caplet;
using namespace caplet::test;
using namespace std::chrono_literals;

namespace {

/// A token that was shown often enough to be known, and another process at its store.
struct Scene : Fixture {
  Scene() {
    TokenRequest request{"ci"};
    request.scopes = {"orders:read"};
    Issued issued = authority->issue(owner, request);
    id = issued.token.id;
    token = issued.secret.text();
    show_often();
    other_store = open_store(home.location());
    other = std::make_unique<Authority>(*other_store, clock);
  }
  Reason show() { return authority->verify(token).reason; }
  void show_often() {
    for (int i = 0; i < 4; ++i) {
      CHECK(show() == Reason::ok);
    }
  }

  std::string id;
  std::string token;
  std::unique_ptr<LocalStore> other_store;
  std::unique_ptr<Authority> other;
};

} // namespace

TEST_CASE("a token that was shown often is revoked at once, by whomever") {
  SECTION("by another process") {
    Scene s;
    s.other->revoke(s.owner, s.id);
    CHECK(s.show() == Reason::revoked);
    s.other->prune(s.owner, s.clock.time + 1s);
    CHECK(s.show() == Reason::unknown);
  }
  SECTION("by this one") {
    Scene s;
    s.authority->revoke(s.owner, s.id);
    CHECK(s.show() == Reason::revoked);
  }
  SECTION("after another change") {
    Scene s;
    s.other->issue(s.owner, {"another"});
    s.show_often();
    s.authority->issue(s.owner, {"one more"});
    s.show_often();
    s.other->revoke(s.owner, s.id);
    CHECK(s.show() == Reason::revoked);
  }
}

TEST_CASE("a token that was shown often has the secret that it has now") {
  Scene s;
  const std::string replaced = s.token;
  s.token = s.other->rotate(s.owner, s.id, {}).secret.text();
  CHECK(s.authority->verify(replaced).reason == Reason::revoked);
  s.show_often();
  const Issued next = s.authority->rotate(s.owner, s.id, {1h});
  s.show_often(); // in its grace
  s.clock.time += 2h;
  CHECK(s.show() == Reason::revoked);
  CHECK(s.authority->verify(next.secret.text()).valid());
}

TEST_CASE("a wrong secret is as wrong for a token that was shown often") {
  Scene s;
  const Verdict wrong = s.authority->verify(draw_token("cpl", TokenKind::sat, s.id).text());
  CHECK(wrong.reason == Reason::unknown);
  CHECK_FALSE(wrong.token);
}

TEST_CASE("uses are counted for a token that was shown often") {
  Fixture f;
  TokenRequest request{"twice"};
  request.uses_limit = 2;
  const std::string token(f.authority->issue(f.owner, request).secret.text());
  for (int i = 0; i < 4; ++i) {
    CHECK(f.authority->verify(token).valid());
  }
  CHECK(f.authority->admit(token).valid());
  CHECK(f.authority->admit(token).valid());
  CHECK(f.authority->admit(token).reason == Reason::exhausted);
  CHECK(f.authority->verify(token).reason == Reason::exhausted);
}

TEST_CASE("in a change, a token is what the change has made of it") {
  Scene s;
  const Digest digest = s.store->token_digest(s.token);
  const auto change = s.store->begin();
  Token token = s.store->token(s.id).value();
  token.description = "changed";
  change->update(token);
  CHECK(s.store->token_shown(s.id, digest)->description == "changed");
  change->commit();
  CHECK(s.store->token_shown(s.id, digest)->description == "changed");
}

TEST_CASE("a store under a new key does not answer by what was known") {
  Scene s;
  s.other_store->rekey({}, s.event(), {});
  CHECK(failure([&] { s.show(); }) == Errc::unavailable);
}

TEST_CASE("what is known is found by its whole digest, at its version, from the second time on") {
  KnownTokens known;
  Token token;
  token.name = "ci";
  token.digest[0] = 1;
  CHECK_FALSE(known.may_have(token.digest));
  known.remember(token, 7);
  CHECK(known.find(token.digest, 7) == nullptr);
  known.remember(token, 7);
  REQUIRE(known.find(token.digest, 7) != nullptr);
  CHECK(*known.find(token.digest, 7) == token);
  CHECK(known.find(token.digest, 8) == nullptr);
  CHECK(known.may_have(token.digest));

  Token other = token; // the same slot, and the same beginning
  other.digest[31] = 1;
  CHECK(known.find(other.digest, 7) == nullptr);
  known.remember(other, 8);
  CHECK(known.find(token.digest, 7) == nullptr);
  REQUIRE(known.find(other.digest, 8) != nullptr);

  Token third; // the same slot, and another beginning: whoever comes once takes nobody's place
  third.digest[0] = 1;
  third.digest[7] = 1;
  known.remember(third, 8);
  CHECK(known.find(third.digest, 8) == nullptr);
  CHECK(known.find(other.digest, 8) != nullptr);
}
