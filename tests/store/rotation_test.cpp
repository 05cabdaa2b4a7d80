// Rotation in place over a real store.

#include "tests/store/failure.hpp"
#include "tests/store/support.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace caplet;
using namespace caplet::test;
using namespace std::chrono_literals;

namespace {

struct Scene : Fixture {
  Scene() : first(issue("ci")) {}
  std::string rotate(const Rotation& rotation = {}) {
    return std::string(authority->rotate(owner, "ci", rotation).secret.text());
  }
  Reason look(std::string_view secret) { return authority->verify(secret).reason; }
  Reason use(std::string_view secret) {
    const Verdict verdict = authority->admit(secret);
    authority->note_refusal(verdict, 0);
    return verdict.reason;
  }
  std::vector<std::string> actions() {
    std::vector<std::string> list;
    store->each_event(0, [&](const Event& event) {
      list.push_back(event.action);
      return true;
    });
    return list;
  }
  Issued first;
};

} // namespace

TEST_CASE("a rotation: new secret, same id and name, the old one dies at once") {
  Scene s;
  const Issued second = s.authority->rotate(s.owner, "ci", {});
  CHECK(second.token.id == s.first.token.id);
  CHECK(second.token.name == "ci");
  CHECK(second.token.expires_at == s.first.token.expires_at);
  CHECK(second.token.created_at == s.first.token.created_at);
  CHECK(second.token.rotated_at == s.clock.time);
  s.reopen();
  CHECK(s.look(second.secret.text()) == Reason::ok);
  CHECK(s.look(s.first.secret.text()) == Reason::revoked);
  CHECK(s.actions().back() == "account.pat.rotate");
  CHECK(failure([&] { s.authority->abort_rotation(s.owner, "ci"); }) == Errc::failed);
}

TEST_CASE("the use of a secret that is dead is an event of its own") {
  Scene s;
  std::vector<std::string> secrets{std::string(s.first.secret.text())};
  for (std::size_t i = 0; i < Token::k_most_retired + 1; ++i) {
    secrets.push_back(s.rotate());
  }
  CHECK(s.use(secrets.back()) == Reason::ok);
  CHECK(s.use(secrets[1]) == Reason::revoked);
  CHECK(s.actions().back() == "auth.reuse");
  CHECK(s.use(secrets[0]) == Reason::unknown); // older than what is remembered
  CHECK(s.actions().back() == "auth.denied");
}

TEST_CASE("a grace keeps the old secret until it is over") {
  Scene s;
  const std::string next = s.rotate({1h});
  CHECK(s.use(s.first.secret.text()) == Reason::ok);
  CHECK(s.use(next) == Reason::ok);
  CHECK(s.use(s.first.secret.text()) == Reason::ok); // in time, not at the first use
  s.clock.time += 1h - 1s;
  CHECK(s.use(s.first.secret.text()) == Reason::ok);
  s.clock.time += 1s;
  CHECK(s.use(s.first.secret.text()) == Reason::revoked);
  CHECK(s.actions().back() == "auth.reuse");
  CHECK(s.use(next) == Reason::ok);
}

TEST_CASE("a grace may end at the first use of the new secret") {
  Scene s;
  const std::string next = s.rotate({1h, PreviousSecret::Ends::at_first_use});
  CHECK(s.use(s.first.secret.text()) == Reason::ok);
  CHECK(s.look(next) == Reason::ok); // looking is no use
  CHECK(s.use(s.first.secret.text()) == Reason::ok);
  CHECK(s.use(next) == Reason::ok);
  CHECK(s.use(s.first.secret.text()) == Reason::revoked);
  s.reopen();
  CHECK(s.look(s.first.secret.text()) == Reason::revoked);
}

TEST_CASE("a rotation is undone while the new secret is unused") {
  Scene s;
  const Instant before = s.clock.time + 24h;
  s.authority->rotate(s.owner, "ci", {0s, {}, Ending(before)}); // has an expiry now
  Issued next = s.authority->rotate(s.owner, "ci", {1h, {}, Ending(before + 24h)});
  const std::string aborted(next.secret.text());
  const Token back = s.authority->abort_rotation(s.owner, "ci");
  CHECK(back.expires_at == before);
  CHECK(s.use(aborted) == Reason::revoked);
  CHECK(s.actions().back() == "auth.reuse");
  CHECK(failure([&] { s.authority->abort_rotation(s.owner, "ci"); }) == Errc::failed);

  const std::string used = s.rotate({1h});
  CHECK(s.use(used) == Reason::ok);
  CHECK(failure([&] { s.authority->abort_rotation(s.owner, "ci"); }) == Errc::failed);
  const std::string late = s.rotate({1h});
  s.clock.time += 1h;
  CHECK(failure([&] { s.authority->abort_rotation(s.owner, "ci"); }) == Errc::failed);
  CHECK(s.use(late) == Reason::ok);
}

TEST_CASE("what is in use does not die by a second rotation with a grace") {
  Scene s;
  const std::string lost = s.rotate({1h}); // its output was lost
  const std::string next = s.rotate({2h});
  CHECK(s.use(s.first.secret.text()) == Reason::ok);
  CHECK(s.use(lost) == Reason::revoked);
  CHECK(s.use(next) == Reason::ok);
  // The new one is in use now: it is the one that a further rotation keeps.
  const std::string third = s.rotate({1h});
  CHECK(s.use(s.first.secret.text()) == Reason::revoked);
  CHECK(s.use(next) == Reason::ok);
  CHECK(s.use(third) == Reason::ok);
  // Without a grace all of them go.
  const std::string last = s.rotate();
  CHECK(s.use(next) == Reason::revoked);
  CHECK(s.use(third) == Reason::revoked);
  CHECK(s.use(last) == Reason::ok);
}

TEST_CASE("a secret that could not be handed over does not replace the old one") {
  Scene s;
  for (const auto grace : {0s, 3600s}) {
    std::string unseen;
    CHECK_THROWS_AS(s.authority->rotate(s.owner, "ci", {grace},
                                        [&](const Issued& issued) {
                                          unseen = issued.secret.text();
                                          throw Error(Errc::output, "full");
                                        }),
                    Error);
    CHECK(s.use(s.first.secret.text()) == Reason::ok);
    CHECK(s.use(unseen) == Reason::revoked);
    CHECK_FALSE(s.authority->find(s.owner, "ci").previous);
  }
}

TEST_CASE("a rotation that fails undoes nothing that others did meanwhile") {
  Scene s;
  std::string unseen;
  std::string theirs;
  std::string why;
  const auto fail_after = [&](const std::function<void()>& meanwhile) {
    try {
      s.authority->rotate(s.owner, "ci", {}, [&](const Issued& issued) {
        unseen = issued.secret.text();
        meanwhile();
        throw Error(Errc::output, "full", "try again");
      });
    } catch (const Error& e) {
      CHECK(e.code() == Errc::output);
      why = e.what();
    }
  };
  fail_after([&] { s.authority->rotate(s.owner, "ci", {}, [&](const Issued& b) { theirs = b.secret.text(); }); });
  CHECK(s.look(theirs) == Reason::ok);
  CHECK(s.use(unseen) == Reason::revoked);
  CHECK(s.use(s.first.secret.text()) == Reason::revoked);
  CHECK(why == "full; and the token was rotated, or its rotation aborted, meanwhile: what that left counts");

  // What died meanwhile stays known as dead.
  std::string aborted;
  fail_after([&] {
    CHECK(s.use(unseen) == Reason::ok);
    aborted = s.rotate({1h});
    s.authority->abort_rotation(s.owner, "ci");
  });
  CHECK(why == "full; the old secret still counts");
  CHECK(s.use(theirs) == Reason::ok);
  CHECK(s.use(aborted) == Reason::revoked);
  CHECK(s.use(unseen) == Reason::revoked);

  fail_after([&] { s.authority->revoke(s.owner, "ci"); });
  CHECK(why == "full; and the token was revoked meanwhile");
  CHECK(s.use(theirs) == Reason::revoked);
}

TEST_CASE("a secret that died while it was handed over is no success") {
  Scene s;
  for (const auto grace : {0s, 3600s}) {
    std::string theirs;
    std::string dead;
    const auto kind = failure([&] {
      s.authority->rotate(s.owner, "ci", {grace}, [&](const Issued& issued) {
        dead = issued.secret.text();
        theirs = s.rotate({1h});
      });
    });
    CHECK(kind == Errc::failed);
    CHECK(s.use(dead) == Reason::revoked);
    CHECK(s.use(theirs) == Reason::ok);
    CHECK(failure([&] {
            s.authority->rotate(s.owner, "ci", {grace},
                                [&](const Issued&) { s.authority->abort_rotation(s.owner, "ci"); });
          }) == Errc::failed);
    CHECK(s.use(theirs) == Reason::ok);
    // One that was in use when another took its place is good for its grace.
    s.authority->rotate(s.owner, "ci", {grace}, [&](const Issued& issued) {
      CHECK(s.use(issued.secret.text()) == Reason::ok);
      theirs = s.rotate({1h});
    });
    CHECK(s.use(theirs) == Reason::ok);
  }
  CHECK(failure([&] {
          s.authority->rotate(s.owner, "ci", {}, [&](const Issued&) { s.authority->revoke(s.owner, "ci"); });
        }) == Errc::failed);
}

TEST_CASE("a login that rotates its own token keeps the new secret") {
  Scene s;
  const std::string first(s.first.secret.text());
  s.authority->keep_login(s.owner, "work", Secret(first), s.first.token.id);
  s.authority->keep_login(s.owner, "other", Secret(s.issue("other").secret.view()), {});
  const auto kept = [&](const char* profile) { return std::string(s.authority->login(profile)->token.text()); };
  const auto self = [&] { return s.authority->authenticate(kept("work"), 1); };
  Rotation rotation;
  rotation.login = "work";
  CHECK_THROWS_AS(s.authority->rotate(self(), "ci", rotation,
                                      [&](const Issued& issued) {
                                        CHECK(kept("work") == issued.secret.text());
                                        throw Error(Errc::output, "full", "try again");
                                      }),
                  Error);
  CHECK(kept("work") == first);
  std::string next;
  s.authority->rotate(self(), "ci", rotation, [&](const Issued& issued) { next = issued.secret.text(); });
  CHECK(kept("work") == next);
  CHECK(s.look(kept("work")) == Reason::ok);
  // What is another's, or not what the login has, stays as it is.
  const std::string other = kept("other");
  s.authority->rotate(self(), "other", rotation);
  CHECK(kept("work") == next);
  CHECK(kept("other") == other);
  rotation.login = "other";
  s.authority->rotate(self(), "ci", rotation);
  CHECK(kept("other") == other);
  s.reopen();
  CHECK(s.store->check({}).problems.empty());
}

TEST_CASE("while a secret is handed over both are good, and then one") {
  Scene s;
  std::string next;
  s.authority->rotate(s.owner, "ci", {}, [&](const Issued& issued) {
    next = issued.secret.text();
    CHECK(s.look(s.first.secret.text()) == Reason::ok); // as it stays where the process dies here
    CHECK(s.look(next) == Reason::ok);
    CHECK_FALSE(issued.token.previous); // but that is not how it will be
    const auto checks = s.authority->explain(s.authority->verify(s.first.secret.text()), {});
    CHECK(checks.at(2).found == "its secret was replaced, and is good until the new one is first used");
    s.clock.time += 10000h;
    CHECK(s.look(s.first.secret.text()) == Reason::ok);
  });
  CHECK(s.look(s.first.secret.text()) == Reason::revoked);
  CHECK(s.look(next) == Reason::ok);
  CHECK(s.actions().back() == "account.pat.retire");
}

TEST_CASE("what cannot be rotated") {
  Scene s;
  s.authority->rotate(s.owner, "ci", {0s, {}, Ending(s.clock.time + 60s)});
  s.clock.time += 60s;
  CHECK(failure([&] { s.rotate(); }) == Errc::failed); // expired
  const std::string renewed(s.authority->rotate(s.owner, "ci", {0s, {}, Ending(std::nullopt)}).secret.text());
  CHECK(s.use(renewed) == Reason::ok);
  s.authority->revoke(s.owner, "ci");
  CHECK(failure([&] { s.rotate(); }) == Errc::failed);
  CHECK(failure([&] { s.authority->rotate(s.owner, "nope", {}); }) == Errc::not_found);
}

TEST_CASE("a token rotates itself, and gets no further than it came") {
  Scene s;
  const Issued scoped = s.authority->issue(s.owner, {"scoped", "", Ending(s.clock.time + 24h), {"a:b"}});
  const Actor self = s.authority->authenticate(scoped.secret.text(), 1);
  CHECK(failure([&] { s.authority->rotate(self, "ci", {}); }) == Errc::denied);
  CHECK(failure([&] { s.authority->rotate(self, "scoped", {0s, {}, Ending(s.clock.time + 25h)}); }) == Errc::denied);
  CHECK(failure([&] { s.authority->rotate(self, "scoped", {0s, {}, Ending(std::nullopt)}); }) == Errc::denied);
  const Issued next = s.authority->rotate(self, "scoped", {0s, {}, Ending(s.clock.time + 23h)});
  CHECK(s.use(next.secret.text()) == Reason::ok);
  CHECK(s.use(scoped.secret.text()) == Reason::revoked);
}

TEST_CASE("a secret in its grace gets its token no further") {
  Scene s;
  TokenRequest request{"boss", "", Ending(s.clock.time + 24h)};
  const std::string leaked(s.authority->issue(s.owner, request).secret.text());
  request.name = "other";
  const std::string other(s.authority->issue(s.owner, request).secret.text());
  const std::string next(s.authority->rotate(s.owner, "boss", {1h}).secret.text());
  const Actor old = s.authority->authenticate(leaked, 1);
  CHECK(failure([&] { s.authority->rotate(old, "boss", {}); }) == Errc::denied);
  CHECK(failure([&] { s.authority->rotate(old, "other", {}); }) == Errc::denied); // which could rotate it
  CHECK(failure([&] { s.authority->abort_rotation(old, "boss"); }) == Errc::denied);
  request = {"child"};
  const Actor child = s.authority->authenticate(s.authority->issue(old, request).secret.text(), 1);
  CHECK(failure([&] { s.authority->rotate(child, "boss", {}); }) == Errc::denied); // nor what it makes
  CHECK(s.look(next) == Reason::ok);
  CHECK(s.look(leaked) == Reason::ok);
  CHECK(s.look(other) == Reason::ok);
  const std::string boss = s.authority->find(s.owner, "boss").id;
  std::vector<std::string> refused;
  s.store->each_event(0, [&](const Event& event) {
    if (event.action == "auth.denied") {
      refused.push_back(event.actor_name + " " + event.target_name + " " + event.reason);
    }
    return true;
  });
  const std::string why =
      R"( rotate tokens: the secret of the token "boss" is not the one that counts now, and rotates nothing)";
  CHECK(refused ==
        std::vector<std::string>{
            "boss boss may not" + why, "boss other may not" + why,
            R"(child boss may not rotate tokens: the token "child" comes from "boss", and does not rotate it)"});
  // The new one may, and whoever was authenticated by what it replaces may not any more.
  const Actor current = s.authority->authenticate(next, 1);
  const std::string last(s.authority->rotate(current, "boss", {1h}).secret.text());
  CHECK(failure([&] { s.authority->rotate(current, "boss", {}); }) == Errc::denied);
  CHECK(s.authority->revoke(s.authority->authenticate(next, 1), "boss").token.revoked_at); // itself, always
  CHECK(s.look(last) == Reason::revoked);
}

TEST_CASE("a revocation names the tokens to which the revoked one has given a secret") {
  Scene s;
  const auto names = [](const std::vector<Token>& tokens) {
    std::string list;
    for (const Token& token : tokens) {
      list += token.name + " ";
    }
    return list;
  };
  const auto left_by = [&](const std::string& name) { return names(s.authority->revoke(s.owner, name).rotated); };
  const auto as = [&](const std::string& secret) { return s.authority->authenticate(secret, 1); };
  for (const char* name : {"renewed", "aborted", "graced", "lapsed"}) {
    s.issue(name);
  }
  const std::string boss(s.issue("boss").secret.text());
  const std::string child(s.authority->issue(as(boss), {"child", "", std::nullopt}).secret.text());
  s.authority->rotate(as(child), "ci", {});
  s.authority->rotate(as(boss), "boss", {1h});
  const std::string now(s.authority->rotate(s.owner, "boss", {}).secret.text());
  CHECK(names(s.authority->rotated_by(s.owner, s.authority->find(s.owner, "boss"))) == "ci ");
  s.authority->rotate(as(now), "renewed", {});
  s.authority->rotate(s.owner, "renewed", {}); // by the owner since
  s.authority->rotate(as(now), "aborted", {});
  s.authority->rotate(s.owner, "aborted", {1h});
  s.authority->abort_rotation(s.owner, "aborted"); // and back
  s.authority->rotate(as(now), "graced", {});
  s.authority->rotate(s.owner, "graced", {2h}); // the one that it has given is good still
  s.authority->rotate(as(now), "lapsed", {});
  s.authority->rotate(s.owner, "lapsed", {1h});
  CHECK_THROWS_AS(s.authority->rotate(as(now), "renewed", {},
                                      [](const Issued&) { throw Error(Errc::output, "full", "try again"); }),
                  Error); // nobody has seen that one
  s.clock.time += 1h;
  s.reopen();
  CHECK(names(s.authority->rotated_by(s.owner, s.authority->find(s.owner, "boss"))) == "ci aborted graced ");
  CHECK(left_by("boss") == "ci aborted graced ");
  CHECK(left_by("boss") == "ci aborted graced ");
  CHECK(left_by("renewed").empty());
  CHECK(s.store->check({}).problems.empty());
}

TEST_CASE("a token gets no secret of one that may more") {
  Scene s; // "ci" never expires
  TokenRequest request{"boss", "", Ending(s.clock.time + 24h)};
  const Issued boss = s.authority->issue(s.owner, request);
  const Actor actor = s.authority->authenticate(boss.secret.text(), 1);
  CHECK(failure([&] { s.authority->rotate(actor, "ci", {}); }) == Errc::denied);
  CHECK(s.use(s.first.secret.text()) == Reason::ok);
  const Issued ci = s.authority->rotate(actor, "ci", {0s, {}, Ending(s.clock.time + 24h)});
  CHECK(s.use(ci.secret.text()) == Reason::ok);
  CHECK(s.authority->rotate(actor, "ci", {}).token.id == ci.token.id);

  request = {"few", "", Ending(s.clock.time + 24h)};
  request.uses_limit = 9;
  const Actor few = s.authority->authenticate(s.authority->issue(s.owner, request).secret.text(), 1);
  CHECK(failure([&] { s.authority->rotate(few, "ci", {}); }) == Errc::denied);
  CHECK(s.authority->rotate(few, "few", {}).token.name == "few");
}
