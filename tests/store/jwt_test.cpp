// Tokens in the JWT format over a real store.

#include "core/base64.hpp"
#include "core/jwt.hpp"
#include "tests/store/failure.hpp"
#include "tests/store/support.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <vector>

using namespace caplet;
using namespace caplet::test;
using namespace std::chrono_literals;

namespace {

struct Scene : Fixture {
  std::string mint(const std::string& name, const std::function<void(TokenRequest&)>& change = {}) {
    TokenRequest request{name};
    request.format = TokenFormat::jwt;
    if (change) {
      change(request);
    }
    return std::string(authority->issue(owner, request).secret.text());
  }
  std::string rotate(const std::string& name, const Rotation& rotation = {}) {
    return std::string(authority->rotate(owner, name, rotation).secret.text());
  }
  Reason look(std::string_view token) { return authority->verify(token).reason; }
  std::vector<std::string> published() {
    std::vector<std::string> kids;
    for (const SigningKey& key : authority->published_keys()) {
      kids.push_back(key.kid);
    }
    return kids;
  }
  std::string seed_of(const std::string& kid) { return std::string(as_text(store->begin()->signing_seed(kid).view())); }
};

Jwt read(const std::string& token) {
  auto parsed = parse_jwt(token);
  REQUIRE(std::holds_alternative<Jwt>(parsed));
  return std::get<Jwt>(parsed);
}

bool contains(const std::vector<std::string>& list, const std::string& one) {
  return std::find(list.begin(), list.end(), one) != list.end();
}

} // namespace

TEST_CASE("a JWT is valid for its store, and says what its record says") {
  Scene s;
  const std::string token = s.mint("ci", [&](TokenRequest& request) {
    request.ending = s.clock.time + 1h;
    request.scopes = {"run:deploy", "orders:*"};
    request.audiences = {"https://orders.example"};
    request.not_before = s.clock.time + 1ms;
  });
  s.reopen();
  const Token record = s.authority->find(s.owner, "ci");
  const Jwt jwt = read(token);
  CHECK(jwt.kid == record.signed_by);
  CHECK(jwt.claims.id == record.id);
  CHECK(jwt.claims.subject == s.owner.account);
  CHECK(jwt.claims.issuer == s.store->info().issuer);
  CHECK(jwt.claims.audience == record.audiences);
  CHECK(jwt.claims.scopes == record.scopes);
  CHECK(jwt.claims.issued_at == s.clock.time);
  CHECK(jwt.claims.not_before == s.clock.time + 1s); // never before the record
  CHECK(jwt.claims.expires_at == s.clock.time + 1h);
  CHECK(s.look(token) == Reason::not_yet_valid);
  s.clock.time += 2s;
  Presented presented;
  presented.audience = "https://orders.example";
  CHECK(s.authority->verify(token, presented).valid());
  presented.scopes = {"orders:read"};
  CHECK(s.authority->verify(token, presented).valid());
  presented.scopes = {"store:read"};
  CHECK(s.authority->verify(token, presented).reason == Reason::scope);
  CHECK(s.look(token) == Reason::audience);
  s.clock.time += 1h;
  CHECK(s.look(token) == Reason::expired);
  s.authority->revoke(s.owner, "ci");
  CHECK(s.look(token) == Reason::revoked);
}

TEST_CASE("a JWT for nobody in particular is for its store, and for nobody else") {
  Scene s;
  const std::string token = s.mint("ci");
  CHECK(read(token).claims.audience == std::vector{s.store->info().issuer});
  CHECK(s.look(token) == Reason::ok);
  Presented presented;
  presented.audience = "https://orders.example";
  CHECK(s.authority->verify(token, presented).reason == Reason::audience);
}

TEST_CASE("of a JWT only the very string that was handed out is valid") {
  Scene s;
  const std::string token = s.mint("ci");
  const Jwt jwt = read(token);
  const std::string seed = s.seed_of(jwt.kid);
  const auto forged = [&](const std::function<void(Claims&)>& change) {
    Claims claims = jwt.claims;
    change(claims);
    return std::string(sign_jwt(claims, {jwt.kid, Secret(seed)}).text());
  };
  CHECK(forged([](Claims&) {}) == token);
  // Even the key's own signature makes no token of what the store has not made.
  CHECK(s.look(forged([](Claims& claims) { claims.issued_at += 1s; })) == Reason::unknown);
  CHECK(s.look(forged([](Claims& claims) { claims.expires_at.reset(); })) == Reason::unknown);
  CHECK(s.look(forged([](Claims& claims) { claims.id = draw_id(); })) == Reason::unknown);
  CHECK(s.look(forged([](Claims& claims) { claims.issuer.back() = claims.issuer.back() == '0' ? '1' : '0'; })) ==
        Reason::malformed);
  // Another's signature, and another's key.
  const std::string stranger(32, 'x');
  CHECK(s.look(sign_jwt(jwt.claims, {jwt.kid, Secret(stranger)}).text()) == Reason::unknown);
  CHECK(s.look(sign_jwt(jwt.claims, {draw_id(), Secret(stranger)}).text()) == Reason::unknown);
  CHECK(s.look(sign_jwt(jwt.claims, {read(token).claims.id, Secret(seed)}).text()) == Reason::unknown); // a token's id
  CHECK(s.authority->verify(sign_jwt(jwt.claims, {jwt.kid, Secret(stranger)}).text()).claimed_id == jwt.claims.id);
  CHECK(s.look(token.substr(0, token.size() - 1)) == Reason::malformed);
  CHECK(s.look(token) == Reason::ok);
}

TEST_CASE("a JWT is rotated like any token, however fast") {
  Scene s;
  std::vector<std::string> strings{s.mint("ci")};
  for (int i = 0; i < 20; ++i) { // all within one second
    strings.push_back(s.rotate("ci"));
    CHECK(read(strings.back()).claims.id == read(strings.front()).claims.id);
  }
  auto sorted = strings;
  std::sort(sorted.begin(), sorted.end());
  CHECK(std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end());
  CHECK(s.look(strings.back()) == Reason::ok);
  for (std::size_t i = 0; i + 1 < strings.size(); ++i) {
    CHECK(s.look(strings[i]) != Reason::ok);
  }
  // With a grace, and back.
  const std::string second = s.rotate("ci", {1h});
  CHECK(s.look(strings.back()) == Reason::ok);
  CHECK(s.look(second) == Reason::ok);
  s.authority->abort_rotation(s.owner, "ci");
  CHECK(s.look(strings.back()) == Reason::ok);
  CHECK(s.look(second) == Reason::revoked);
  CHECK(s.authority->find(s.owner, "ci").signed_by == read(strings.back()).kid);
  // One that could not be handed over: the next is another string.
  std::string lost;
  CHECK_THROWS_AS(s.authority->rotate(s.owner, "ci", Rotation{},
                                      [&](const Issued& issued) {
                                        lost = issued.secret.text();
                                        throw Error(Errc::output, "nobody there", "try again");
                                      }),
                  Error);
  CHECK(s.look(strings.back()) == Reason::ok);
  CHECK(s.look(lost) == Reason::revoked);
  const std::string found = s.rotate("ci");
  CHECK(found != lost);
  CHECK(s.look(found) == Reason::ok);
}

TEST_CASE("a signing key is made with the first JWT, and published until its last token has ended") {
  Scene s;
  CHECK(s.published().empty());
  s.issue("opaque");
  CHECK(s.published().empty());
  const std::string one = s.mint("one");
  const std::string two = s.mint("two", [&](TokenRequest& request) { request.ending = s.clock.time + 1h; });
  const std::string first = read(one).kid;
  CHECK(read(two).kid == first);
  CHECK(s.published() == std::vector{first});

  const std::string second = s.authority->rotate_signing_key(s.owner).kid;
  CHECK(s.published() == std::vector{second, first});
  CHECK(s.look(one) == Reason::ok);
  const std::string three = s.mint("three");
  CHECK(read(three).kid == second);
  // Its secret half is gone.
  CHECK(failure([&] { s.seed_of(first); }) == Errc::not_found);
  CHECK_NOTHROW(s.seed_of(second));

  // The first key goes with its last token: `one` gets a secret of the second key, the old one with an hour of grace.
  s.rotate("one", {1h});
  s.clock.time += 59min;
  CHECK(contains(s.published(), first));
  s.clock.time += 2min; // `two` has expired, and the grace is over
  CHECK(s.look(two) == Reason::expired);
  CHECK(s.published() == std::vector{second});

  s.reopen();
  CHECK(s.published() == std::vector{second});
  const std::string third = s.authority->rotate_signing_key(s.owner).kid;
  CHECK(s.published() == std::vector{third, second});
  s.authority->revoke(s.owner, "one");
  s.authority->revoke(s.owner, "three");
  CHECK(s.published() == std::vector{third});
  CHECK(s.look(three) == Reason::revoked); // the key is still known here
}

TEST_CASE("the keys of another process are seen at once, and a known key vouches for its own signatures alone") {
  Scene s;
  const std::string one = s.mint("one");
  CHECK(s.look(one) == Reason::ok);
  const auto store = open_store(s.home.location());
  Authority other(*store, s.clock);
  const std::string second = other.rotate_signing_key(s.owner).kid;
  CHECK(s.look(one) == Reason::ok);
  TokenRequest request{"two"};
  request.format = TokenFormat::jwt;
  const std::string two(other.issue(s.owner, request).secret.text());
  CHECK(read(two).kid == second);
  CHECK(s.look(two) == Reason::ok);
  CHECK(s.look(one) == Reason::ok);
  for (const std::string& kid : {read(one).kid, second, draw_id()}) {
    CHECK(s.look(sign_jwt(read(one).claims, draw_signer(kid)).text()) == Reason::unknown);
    CHECK(s.look(one) == Reason::ok);
  }
  other.revoke(s.owner, "one");
  CHECK(s.look(one) == Reason::revoked);
}

TEST_CASE("the signing key is the owner's, and each change of it is in the log") {
  Scene s;
  const std::string token = s.mint("boss");
  const Actor actor = s.authority->authenticate(token, 0);
  CHECK(failure([&] { s.authority->rotate_signing_key(actor); }) == Errc::denied);
  const SigningKey key = s.authority->rotate_signing_key(s.owner);
  std::vector<Event> events;
  s.store->each_event(0, [&](const Event& event) {
    if (event.action.starts_with("store.jwks")) {
      events.push_back(event);
    }
    return true;
  });
  REQUIRE(events.size() == 2);
  CHECK(events[0].action == "store.jwks.create");
  CHECK(events[0].target_id == key.replaced);
  CHECK(events[1].action == "store.jwks.rotate");
  CHECK(events[1].target_id == key.kid);
  CHECK(s.look(token) == Reason::ok);
}

TEST_CASE("a rekey keeps the signing keys, and a check reads them") {
  Scene s;
  const std::string token = s.mint("ci");
  s.authority->rotate_signing_key(s.owner);
  const auto before = s.published();
  s.store->rekey({}, s.event(), {});
  s.reopen();
  CHECK(s.published() == before);
  CHECK(s.look(token) == Reason::ok);
  CHECK(s.store->check({}).problems.empty());
  CHECK(read(s.mint("next")).kid == before.front());
}
