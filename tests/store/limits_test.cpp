// Kinds, scopes and limits of tokens over a real store.

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

std::string mint(Fixture& f, TokenRequest request) {
  return std::string(f.authority->issue(f.owner, request).secret.text());
}

std::vector<std::string> events_of(Fixture& f, std::string_view action) {
  std::vector<std::string> reasons;
  f.store->each_event(0, [&](const Event& event) {
    if (event.action == action) {
      reasons.push_back(event.reason);
    }
    return true;
  });
  return reasons;
}

Check check_of(const std::vector<Check>& checks, Reason reason) {
  return *std::find_if(checks.begin(), checks.end(), [&](const Check& each) { return each.reason == reason; });
}

} // namespace

TEST_CASE("a scoped token may do what its scopes say, and what it may not is recorded") {
  Fixture f;
  f.issue("ci");
  const Actor reader = f.authority->authenticate(mint(f, {"reader", "", {}, {"token:read"}}), 7);
  CHECK(f.authority->find(reader, "ci").name == "ci");
  std::size_t count = 0;
  f.authority->each(reader, [&](const Token&) { return ++count > 0; });
  CHECK(count == 2);
  CHECK(failure([&] { f.authority->issue(reader, {"x"}); }) == Errc::denied);
  CHECK(failure([&] { f.authority->revoke(reader, "ci"); }) == Errc::denied);
  CHECK(failure([&] { f.authority->each_event(reader, 0, [](const Event&) { return true; }); }) == Errc::denied);
  CHECK(failure([&] { f.authority->prune(reader, f.clock.time); }) == Errc::denied);
  CHECK(failure([&] { f.authority->set_policy(reader, {{"never", "no"}}); }) == Errc::denied);
  CHECK(events_of(f, "auth.denied") == std::vector<std::string>{"may not create tokens", "may not delete tokens",
                                                                "may not read the audit log", "may not prune tokens",
                                                                "may not set the store's policy"});
  const Actor auditor = f.authority->authenticate(mint(f, {"auditor", "", {}, {"audit:*"}}), 7);
  f.authority->each_event(auditor, 0, [](const Event&) { return true; });
  CHECK(failure([&] { f.authority->find(auditor, "ci"); }) == Errc::denied);
  // Every scope there is does not make it a personal one.
  const Actor all = f.authority->authenticate(mint(f, {"all", "", {}, {"*"}}), 7);
  CHECK(failure([&] { f.authority->issue(all, {"x"}); }) == Errc::denied);
  CHECK(failure([&] { f.authority->revoke(all, "ci"); }) == Errc::denied);
  CHECK(f.authority->revoke(all, "all").token.revoked_at); // but itself
}

TEST_CASE("a personal token does not do what is the owner's alone") {
  Fixture f;
  const Actor boss = f.authority->authenticate(mint(f, {"boss"}), 7);
  CHECK(failure([&] { f.authority->prune(boss, f.clock.time); }) == Errc::denied);
  CHECK(failure([&] { f.authority->set_policy(boss, {{"never", "no"}}); }) == Errc::denied);
}

TEST_CASE("what a token has made is no wider, and goes with it") {
  Fixture f;
  const Issued boss = f.authority->issue(f.owner, {"boss", "", Ending(f.clock.time + 24h)});
  const Actor actor = f.authority->authenticate(boss.secret.text(), 7);
  CHECK(failure([&] { f.authority->issue(actor, {"x", "", std::nullopt}); }) == Errc::denied);
  CHECK(failure([&] { f.authority->issue(actor, {"x", "", Ending(f.clock.time + 25h)}); }) == Errc::denied);
  const Issued child = f.authority->issue(actor, {"child"});
  CHECK(child.token.expires_at == boss.token.expires_at);
  const Actor child_actor = f.authority->authenticate(child.secret.text(), 7);
  const Issued grandchild = f.authority->issue(child_actor, {"grandchild", "", {}, {"a:b"}});
  const Issued other = f.issue("other");
  CHECK(f.authority->descendants(f.owner, f.authority->find(f.owner, "boss")).size() == 2);

  const Revoked revoked = f.authority->revoke(f.owner, "boss");
  CHECK(revoked.children.size() == 2);
  f.reopen();
  for (const Issued* each : {&boss, &child, &grandchild}) {
    CHECK(f.authority->verify(each->secret.text()).reason == Reason::revoked);
  }
  CHECK(f.authority->verify(other.secret.text()).valid());
  CHECK(events_of(f, "account.sat.revoke") == std::vector<std::string>{"with " + boss.token.id + ", which minted it"});
  CHECK(f.store->check({}).problems.empty());
}

TEST_CASE("whoever asks for more than it has is recorded, and what it was aimed at") {
  Fixture f;
  f.issue("ci");
  const Issued boss = f.authority->issue(f.owner, {"boss", "", Ending(f.clock.time + 24h)});
  const Actor actor = f.authority->authenticate(boss.secret.text(), 7);
  CHECK(failure([&] { f.authority->issue(actor, {"never", "", std::nullopt}); }) == Errc::denied);
  CHECK(failure([&] { f.authority->preview(actor, {"later", "", Ending(f.clock.time + 25h)}); }) == Errc::denied);
  int lines = 2;
  const auto next = [&]() -> std::optional<TokenRequest> {
    return lines-- > 1 ? TokenRequest{"fine"} : TokenRequest{"wide", "", std::nullopt};
  };
  CHECK(failure([&] { f.authority->issue_all(actor, next, [](const Token&, std::string_view) {}); }) == Errc::denied);
  CHECK(failure([&] { f.authority->rotate(actor, "ci", {}); }) == Errc::denied);
  CHECK(failure([&] { f.authority->rotate(actor, "boss", {0s, {}, Ending(f.clock.time + 25h)}); }) == Errc::denied);
  f.authority->set_policy(f.owner, {{"most-sats", "0"}});
  CHECK(failure([&] { f.authority->issue(actor, {"seat", "", {}, {"a:b"}}); }) == Errc::denied);
  CHECK(failure([&] { f.authority->issue(f.owner, {"seat", "", {}, {"a:b"}}); }) == Errc::denied); // no token asks
  f.authority->set_policy(f.owner, {{"most-sats", "any"}});
  const Actor scoped = f.authority->authenticate(mint(f, {"scoped", "", {}, {"a:b"}}), 7);
  CHECK(failure([&] { f.authority->revoke(scoped, "ci"); }) == Errc::denied);
  CHECK(failure([&] { f.authority->find(scoped, boss.token.id); }) == Errc::denied);
  CHECK(failure([&] { f.authority->revoke(scoped, "nothing"); }) == Errc::denied);
  std::vector<std::string> refused;
  f.store->each_event(0, [&](const Event& event) {
    if (event.action == "auth.denied") {
      CHECK(event.outcome == Event::Outcome::denied);
      CHECK((event.target_id.empty() || f.store->token(event.target_id)->name == event.target_name));
      refused.push_back(event.actor_name + (event.target_id.empty() ? " " : " id ") + event.target_name + ": " +
                        event.reason.substr(0, event.reason.find(' ', event.reason.find(": ") + 2)));
    }
    return true;
  });
  // The second and third that would outlive "boss" are of the kind that was written less than a minute before.
  CHECK(refused ==
        std::vector<std::string>{"boss never: may not create tokens: a", "boss id ci: may not rotate tokens: the",
                                 "boss id boss: may not rotate tokens: a", "boss seat: may not create tokens: the",
                                 "scoped id ci: may", "scoped id boss: may", "scoped : may"});
}

TEST_CASE("what a token with limited uses makes is used no more often than it could be itself") {
  Fixture f;
  TokenRequest request{"maker"};
  request.uses_limit = 10;
  const std::string secret = mint(f, request);
  const Actor maker = f.authority->authenticate(secret, 7); // once
  const auto uses = [&](std::string_view name) { return f.authority->find(f.owner, name).uses; };
  const auto child = [&](const Actor& actor, const std::string& name, std::uint64_t limit) {
    TokenRequest of{name};
    of.uses_limit = limit;
    return f.authority->issue(actor, of);
  };
  const Issued three = child(maker, "three", 3);
  CHECK(uses("maker") == 4);
  CHECK(failure([&] { child(maker, "seven", 7); }) == Errc::denied);
  CHECK(uses("maker") == 4);
  int lines = 3; // each of three: two are too many together
  const auto next = [&]() -> std::optional<TokenRequest> {
    TokenRequest of{"line-" + std::to_string(lines)};
    of.uses_limit = 3;
    return lines-- > 0 ? std::optional(of) : std::nullopt;
  };
  const auto told = [](const Token&, std::string_view) {};
  CHECK(failure([&] { f.authority->issue_all(maker, next, told); }) == Errc::denied);
  CHECK(uses("maker") == 4);
  lines = 2;
  f.authority->issue_all(maker, next, told);
  CHECK(uses("maker") == 10);
  CHECK(f.authority->verify(secret).reason == Reason::exhausted);
  CHECK(failure([&] { child(maker, "more", 0); }) == Errc::denied);

  // What was not used comes back, once: of three one was used to make another of one, which is not used.
  const Issued one = child(f.authority->authenticate(three.secret.text(), 7), "one", 1);
  CHECK(uses("three") == 2);
  f.authority->revoke(f.owner, "one");
  CHECK(uses("three") == 1);
  f.authority->revoke(f.owner, "three");
  CHECK(uses("maker") == 8);
  f.authority->revoke(f.owner, "three");
  f.authority->revoke(f.owner, "one");
  CHECK(uses("maker") == 8);
  CHECK(f.authority->verify(secret).valid());
  CHECK(child(maker, "rest", 0).token.uses_limit == 2);
  CHECK(uses("maker") == 10);
  // Of a maker without a limit nothing is taken, and nothing comes back.
  const Actor free = f.authority->authenticate(mint(f, {"free"}), 7);
  child(free, "five", 5);
  f.authority->revoke(f.owner, "five");
  CHECK(uses("free") == 0);
  CHECK(f.store->check({}).problems.empty());
}

TEST_CASE("the children of a token may be spared") {
  Fixture f;
  const Actor boss = f.authority->authenticate(mint(f, {"boss"}), 7);
  const Issued child = f.authority->issue(boss, {"child"});
  CHECK(f.authority->revoke(f.owner, "boss", {"", Revocation::Children::kept}).children.empty());
  CHECK(f.authority->verify(child.secret.text()).valid());
  CHECK(f.authority->revoke(f.owner, "boss", {"", Revocation::Children::kept}).children.empty());
  CHECK(f.authority->verify(child.secret.text()).valid());
  // And go later.
  CHECK(f.authority->revoke(f.owner, "boss").children.size() == 1);
  CHECK_FALSE(f.authority->verify(child.secret.text()).valid());
  CHECK(f.authority->revoke(f.owner, "boss").children.empty());
  CHECK(events_of(f, "account.pat.revoke").size() == 2);
}

TEST_CASE("what was spared and outlives the record of its maker goes with that one's maker") {
  Fixture f;
  const Issued a = f.issue("a");
  const auto child_of = [&](const Issued& maker, const std::string& name) {
    return f.authority->issue(f.authority->authenticate(maker.secret.text(), 7), {name, "", std::nullopt});
  };
  const Issued b = child_of(a, "b");
  const Issued c = child_of(b, "c");
  const Issued d = child_of(c, "d");
  const Issued alone = f.issue("alone");
  const Issued left = child_of(alone, "left");
  for (const char* each : {"b", "c", "alone"}) {
    f.authority->revoke(f.owner, each, {"", Revocation::Children::kept});
  }
  f.clock.time += 1h;
  CHECK(f.authority->prune(f.owner, f.clock.time) == 3);
  CHECK(f.authority->find(f.owner, "d").created_by == a.token.id);
  CHECK(f.authority->find(f.owner, "left").created_by.empty());
  CHECK(f.authority->descendants(f.owner, f.authority->find(f.owner, "a")).size() == 1);
  f.authority->revoke(f.owner, "a");
  CHECK(f.authority->verify(d.secret.text()).reason == Reason::revoked);
  CHECK(f.authority->verify(left.secret.text()).valid());
  CHECK(f.store->check({}).problems.empty());
}

TEST_CASE("each limit in its order") {
  Fixture f;
  TokenRequest request{"ci", "", Ending(f.clock.time + 24h), {"orders:read", "orders:write"}};
  request.not_before = f.clock.time + 1h;
  request.uses_limit = 2;
  request.networks = {parse_network("10.0.0.0/8"), parse_network("fd00::/8")};
  request.audiences = {"orders"};
  const std::string token = mint(f, request);
  Presented presented;
  const auto reason = [&] { return f.authority->verify(token, presented).reason; };
  CHECK(reason() == Reason::not_yet_valid);
  f.clock.time += 1h;
  CHECK(reason() == Reason::network); // the address is not known
  presented.address = parse_address("11.0.0.1");
  CHECK(reason() == Reason::network);
  presented.address = parse_address("::ffff:10.0.0.1");
  CHECK(reason() == Reason::audience); // nobody says who asks
  presented.audience = "others";
  CHECK(reason() == Reason::audience);
  presented.audience = "orders";
  CHECK(reason() == Reason::ok);
  presented.scopes = {"orders:read", "orders:delete"};
  CHECK(reason() == Reason::scope);
  presented.scopes = {"orders:read"};
  CHECK(f.authority->admit(token, presented).valid());
  CHECK(f.authority->find(f.owner, "ci").scopes_used == 1);
  CHECK(f.authority->admit(token, presented).valid());
  CHECK(f.authority->admit(token, presented).reason == Reason::exhausted);
  CHECK(f.authority->find(f.owner, "ci").uses == 2);
  presented.at = f.clock.time + 23h;
  CHECK(reason() == Reason::expired);
  presented.at = {};
  f.authority->revoke(f.owner, "ci");
  CHECK(reason() == Reason::revoked);
}

TEST_CASE("a token that is limited to others does not act here") {
  Fixture f;
  TokenRequest elsewhere{"elsewhere"};
  elsewhere.audiences = {"orders"};
  const std::string token = mint(f, elsewhere);
  CHECK(failure([&] { f.authority->authenticate(token, 7); }) == Errc::rejected);
  elsewhere = {"here"};
  elsewhere.audiences = {"orders", f.store->info().issuer};
  CHECK(f.authority->authenticate(mint(f, elsewhere), 7).name == "here");
  TokenRequest far{"far"};
  far.networks = {parse_network("0.0.0.0/0")};
  CHECK(failure([&, secret = mint(f, far)] { f.authority->authenticate(secret, 7); }) == Errc::rejected);
}

TEST_CASE("wherever it is shown, a token may end itself, and does nothing else") {
  Fixture f;
  f.issue("ci");
  const auto limited = [&](const std::string& name, const std::function<void(TokenRequest&)>& limit) {
    TokenRequest request{name};
    limit(request);
    const std::string secret = mint(f, request);
    CHECK(failure([&] { f.authority->authenticate(secret, 7); }) == Errc::rejected);
    CHECK(failure([&] { f.authority->authenticate_to_revoke(secret, 7, {name, "ci"}); }) == Errc::rejected);
    CHECK(failure([&] { f.authority->authenticate_to_revoke(secret, 7, {"ci"}); }) == Errc::rejected);
    const std::string id = f.authority->find(f.owner, name).id;
    const Actor actor = f.authority->authenticate_to_revoke(secret, 7, {name, id});
    CHECK(actor.name == name);
    CHECK(failure([&] { f.authority->revoke(actor, "ci"); }) == Errc::denied);
    CHECK(failure([&] { f.authority->issue(actor, {"child"}); }) == Errc::denied);
    CHECK(failure([&] { f.authority->find(actor, name); }) == Errc::denied);
    CHECK(f.authority->revoke(actor, name).token.revoked_at);
    CHECK(failure([&] { f.authority->authenticate_to_revoke(secret, 7, {name}); }) == Errc::rejected); // nor twice
  };
  limited("far", [](TokenRequest& request) { request.networks = {parse_network("10.0.0.0/8")}; });
  limited("others", [](TokenRequest& request) { request.audiences = {"orders"}; });
  limited("later", [&](TokenRequest& request) { request.not_before = f.clock.time + 1h; });
  const std::string ended = mint(f, {"ended", "", Ending(f.clock.time + 1h)});
  f.clock.time += 1h;
  CHECK(failure([&] { f.authority->authenticate_to_revoke(ended, 7, {"ended"}); }) == Errc::rejected);
}

TEST_CASE("a token expires when nobody uses it") {
  Fixture f;
  TokenRequest request{"ci", "", std::nullopt};
  request.idle_limit = 1h;
  const std::string token = mint(f, request);
  f.clock.time += 59min;
  CHECK(f.authority->admit(token).valid());
  f.clock.time += 59min;
  CHECK(f.authority->admit(token).valid());
  f.clock.time += 1h;
  CHECK(f.authority->admit(token).reason == Reason::expired);
  CHECK(state_of(f.authority->find(f.owner, "ci"), f.clock.time) == TokenState::expired);
  // A new secret begins it anew, and the expiry need not be named for that.
  const std::string saved(f.authority->rotate(f.owner, "ci", {}).secret.text());
  f.clock.time += 59min;
  CHECK(f.authority->verify(saved).valid());
  f.clock.time += 1min;
  CHECK(f.authority->verify(saved).reason == Reason::expired);
  // It starts to count when the token becomes valid.
  request.name = "later";
  request.not_before = f.clock.time + 5h;
  const std::string later = mint(f, request);
  f.clock.time += 5h + 59min;
  CHECK(f.authority->verify(later).valid());
}

TEST_CASE("a token that expires unused within minutes does not while it is used") {
  Fixture f;
  TokenRequest request{"ci", "", std::nullopt};
  request.idle_limit = 2min;
  const std::string token = mint(f, request);
  for (const auto pause : {0s, 50s, 80s, 20s, 119s, 40s, 100s}) { // as far as each use was noted
    f.clock.time += pause;
    CHECK(f.authority->admit(token).valid());
  }
  f.clock.time += 2min;
  CHECK(f.authority->admit(token).reason == Reason::expired);
  // A minute is enough where it is little.
  request.name = "long";
  request.idle_limit = 10min;
  const std::string other = mint(f, request);
  CHECK(f.authority->admit(other).valid());
  const auto noted = f.authority->find(f.owner, "long").last_used_at;
  f.clock.time += 59s;
  CHECK(f.authority->admit(other).valid());
  CHECK(f.authority->find(f.owner, "long").last_used_at == noted);
}

TEST_CASE("an explanation names every check and touches nothing") {
  Fixture f;
  TokenRequest request{"ci", "", Ending(f.clock.time + 24h), {"a:b"}};
  request.uses_limit = 1;
  request.networks = {parse_network("10.0.0.0/8")};
  const std::string token = mint(f, request);
  const std::string before = slurp(f.home.location().store);
  Presented presented;
  presented.scopes = {"a:c"};
  const auto checks = f.authority->explain(f.authority->verify(token, presented), presented);
  CHECK(checks.size() == 9);
  for (const Check& check : checks) {
    INFO(to_string(check.reason));
    const bool fails = check.reason == Reason::network || check.reason == Reason::scope;
    CHECK(check.outcome == (fails ? Check::Outcome::failed : Check::Outcome::passed));
    CHECK(check.remedy.empty() == !fails);
    CHECK_FALSE(check.found.empty());
  }
  const auto unknown = f.authority->verify(draw_token("cpl", TokenKind::pat, draw_id()).text());
  const auto of_unknown = f.authority->explain(unknown, {});
  CHECK(check_of(of_unknown, Reason::malformed).outcome == Check::Outcome::passed);
  CHECK(check_of(of_unknown, Reason::unknown).outcome == Check::Outcome::failed);
  CHECK(check_of(of_unknown, Reason::revoked).outcome == Check::Outcome::not_reached);
  const auto of_garbage = f.authority->explain(f.authority->verify("x"), {});
  CHECK(check_of(of_garbage, Reason::malformed).outcome == Check::Outcome::failed);
  CHECK(check_of(of_garbage, Reason::unknown).outcome == Check::Outcome::not_reached);
  CHECK(slurp(f.home.location().store) == before);
}

TEST_CASE("the owner's policy binds whoever mints") {
  Fixture f;
  f.authority->set_policy(f.owner, {{"most-pats", "1"}, {"most-sats", "2"}, {"never", "no"}});
  f.reopen();
  f.authority->issue(f.owner, {"boss"});
  CHECK(failure([&] { f.authority->issue(f.owner, {"second"}); }) == Errc::denied);
  CHECK(failure([&] { f.authority->issue(f.owner, {"endless", "", std::nullopt, {"a"}}); }) == Errc::denied);
  f.authority->issue(f.owner, {"one", "", Ending(f.clock.time + 60s), {"a"}});
  f.authority->issue(f.owner, {"two", "", {}, {"a"}});
  CHECK(failure([&] { f.authority->issue(f.owner, {"three", "", {}, {"a"}}); }) == Errc::denied);
  f.clock.time += 60s; // "one" has expired: its seat is free
  f.authority->issue(f.owner, {"three", "", {}, {"a"}});
  const Rotation back_to_life{0s, {}, Ending(f.clock.time + 60s)};
  CHECK(failure([&] { f.authority->rotate(f.owner, "one", back_to_life); }) == Errc::denied);
  f.authority->rotate(f.owner, "two", {});
  f.authority->revoke(f.owner, "boss");
  f.authority->issue(f.owner, {"second"});
  CHECK(failure([&] { f.authority->set_policy(f.owner, {{"longest-lifetime", "1d"}}); }) == Errc::usage);
  CHECK(failure([&] { f.authority->set_policy(f.owner, {{"nonsense", "1d"}}); }) == Errc::usage);
  CHECK(f.authority->policy().most_sats == 2U);
  CHECK(events_of(f, "store.policy.set") == std::vector<std::string>{"most-pats=1 most-sats=2 never=no"});
}

TEST_CASE("who goes back from a rotation gets no further than who makes a token") {
  Fixture f;
  const auto shorten = [&](const std::string& name) {
    return f.authority->rotate(f.owner, name, {10h, {}, Ending(f.clock.time + 1h)});
  };
  const auto abort = [&](const Actor& actor, const std::string& name) {
    return failure([&] { f.authority->abort_rotation(actor, name); });
  };
  f.issue("endless");
  f.issue("own");
  const Actor boss = f.authority->authenticate(mint(f, {"boss", "", Ending(f.clock.time + 24h)}), 7);
  shorten("endless");
  CHECK(abort(boss, "endless") == Errc::denied);
  CHECK(f.authority->find(f.owner, "endless").expires_at == f.clock.time + 1h);
  CHECK(events_of(f, "auth.denied").size() == 1);
  f.authority->set_policy(f.owner, {{"never", "no"}});
  CHECK(abort(f.owner, "endless") == Errc::denied);
  f.authority->set_policy(f.owner, {{"never", "yes"}, {"longest-lifetime", "90d"}});
  CHECK(abort(f.owner, "endless") == Errc::denied);
  f.authority->rotate(f.owner, "own", {10h}); // its expiry stays: going back makes it nothing that it is not
  CHECK_FALSE(abort(f.owner, "own"));
  f.authority->set_policy(f.owner, {{"longest-lifetime", "any"}, {"most-pats", "3"}});
  f.clock.time += 1h;
  f.issue("third"); // in the seat of "endless", which has expired and would come back
  CHECK(abort(f.owner, "endless") == Errc::denied);
  f.authority->revoke(f.owner, "third");
  CHECK_FALSE(abort(f.owner, "endless"));
}

TEST_CASE("many are minted in one transaction: all of them or none") {
  Fixture f;
  int left = 300;
  std::vector<std::string> secrets;
  const auto next = [&]() -> std::optional<TokenRequest> {
    return left-- > 0 ? std::optional(TokenRequest{"many-" + std::to_string(left)}) : std::nullopt;
  };
  f.authority->issue_all(f.owner, next, [&](const Token&, std::string_view secret) { secrets.emplace_back(secret); });
  CHECK(secrets.size() == 300);
  f.reopen();
  CHECK(std::all_of(secrets.begin(), secrets.end(),
                    [&](const std::string& each) { return f.authority->verify(each).valid(); }));
  CHECK(f.store->check({}).problems.empty());
  const std::string before = slurp(f.home.location().store);
  left = 3;
  const auto bad = [&]() -> std::optional<TokenRequest> {
    return --left > 0 ? std::optional(TokenRequest{"bad"}) : std::nullopt; // the same name twice
  };
  CHECK(failure([&] { f.authority->issue_all(f.owner, bad, [](const Token&, std::string_view) {}); }) == Errc::exists);
  CHECK(f.names().size() == 300);
  CHECK(slurp(f.home.location().store) == before);
}

TEST_CASE("pruning drops the records of what was revoked long ago, and nothing else") {
  Fixture f;
  f.issue("kept");
  f.issue("gone");
  f.issue("lately");
  const std::string gone = f.authority->revoke(f.owner, "gone").token.id;
  f.clock.time += 48h;
  f.authority->revoke(f.owner, "lately");
  CHECK(f.authority->prune(f.owner, f.clock.time - 24h) == 1);
  CHECK(f.authority->prune(f.owner, f.clock.time - 24h) == 0);
  f.reopen();
  CHECK_FALSE(f.store->token(gone));
  CHECK(f.names() == std::vector<std::string>{"kept", "lately"});
  CHECK(f.store->check({}).problems.empty());
  CHECK(events_of(f, "account.token.prune").size() == 1);
}
