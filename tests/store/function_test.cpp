// Functions, their runs, and logins over a real store.

#include "tests/store/failure.hpp"
#include "tests/store/support.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

using namespace caplet;
using namespace caplet::test;

namespace {

namespace fs = std::filesystem;
using OnTaken = Authority::OnTaken;

constexpr std::string_view k_one = "#!/bin/sh\necho one\n";
constexpr std::string_view k_two = "#!/bin/sh\necho two\n";

Function create(Fixture& f, const std::string& name, std::string_view body, OnTaken on_taken = OnTaken::refuse) {
  return f.authority->create_function(f.owner, name, {}, as_bytes(body), on_taken);
}

std::vector<std::string> actions_of(Fixture& f) {
  std::vector<std::string> actions;
  f.store->each_event(0, [&](const Event& event) {
    actions.push_back(event.action);
    return true;
  });
  return actions;
}

Actor scoped(Fixture& f, const std::string& scope) {
  const Issued issued = f.authority->issue(f.owner, {"scoped " + std::to_string(scope.size()), "", {}, {scope}});
  return f.authority->authenticate(issued.secret.text(), 7);
}

} // namespace

TEST_CASE("a function keeps everything that it was given, through a reopening") {
  Fixture f;
  FunctionSettings settings;
  settings.description = "says a number";
  settings.interpreter = "/bin/sh";
  settings.interpreter_sha256 = sha256(as_bytes("sh"));
  settings.timeout = std::chrono::seconds(90);
  settings.environment = {"A=1", "EMPTY=", "LINES=a\nb"};
  settings.passed = {"STAGE"};
  settings.most_output = 4096;
  settings.directory = "/tmp";
  const Function made = f.authority->create_function(f.owner, "hello", settings, as_bytes(k_one), OnTaken::refuse);
  CHECK(made.revision.sha256 == sha256(as_bytes(k_one)));
  CHECK(made.settings == settings);
  f.reopen();
  CHECK(f.store->function(made.id) == made);
  CHECK(f.store->function_named(f.owner.account, "hello") == made);
  CHECK(as_text(f.store->function_body(made.id)) == k_one);
  CHECK(f.store->check({}).problems.empty());
}

TEST_CASE("a name has one function; its next revision takes the place of the bytes") {
  Fixture f;
  const Function one = create(f, "hello", k_one);
  CHECK(failure([&] { create(f, "hello", k_two); }) == Errc::exists);
  const Function two = create(f, "hello", k_two, OnTaken::replace);
  CHECK(two.id == one.id);
  CHECK(two.revision.number == 2);
  CHECK(two.earlier == std::vector<FunctionRevision>{one.revision});
  CHECK(as_text(f.store->function_body(one.id)) == k_two);
  for (int i = 0; i < 80; ++i) {
    create(f, "hello", k_one, OnTaken::replace);
  }
  CHECK(f.authority->find_function(f.owner, "hello").earlier.size() == Function::k_most_earlier);
  f.authority->delete_function(f.owner, "hello");
  CHECK(failure([&] { f.authority->find_function(f.owner, "hello"); }) == Errc::not_found);
  CHECK(failure([&] { f.store->function_body(one.id); }) == Errc::damaged);
  CHECK(create(f, "hello", k_one).id != one.id);
  CHECK(f.store->check({}).problems.empty());
}

TEST_CASE("a function has the largest body there may be, and not a byte more") {
  Fixture f;
  std::string body(Function::k_largest_body, 'x');
  const Function made = create(f, "large", body);
  f.reopen();
  CHECK(as_text(f.store->function_body(made.id)) == body);
  body += 'x';
  CHECK(failure([&] { create(f, "larger", body); }) == Errc::usage);
  CHECK(failure([&] { create(f, "none", ""); }) == Errc::usage);
  f.store->rekey({}, f.event(), {});
  f.reopen();
  body.pop_back();
  CHECK(as_text(f.store->function_body(made.id)) == body);
}

TEST_CASE("a scoped token runs what its scopes name, and does not learn what else there is") {
  Fixture f;
  create(f, "hello", k_one);
  const Function other = create(f, "other", k_two);
  const Actor actor = scoped(f, "run:hello");
  CHECK(as_text(f.authority->prepare_run(actor, "hello", std::nullopt).body) == k_one);
  CHECK(f.authority->find_function(actor, "hello").name == "hello");
  const auto said = [&](const std::string& selector) {
    try {
      f.authority->prepare_run(actor, selector, std::nullopt);
    } catch (const Error& e) {
      return std::string(e.what());
    }
    return std::string();
  };
  std::string of_other = said("other");
  std::string of_none = said("never");
  of_other.replace(of_other.find("other"), 5, "*").replace(of_other.rfind("other"), 5, "*");
  of_none.replace(of_none.find("never"), 5, "*").replace(of_none.rfind("never"), 5, "*");
  CHECK(of_other == of_none);
  CHECK(failure([&] { f.authority->prepare_run(actor, other.id, std::nullopt); }) == Errc::denied);
  CHECK(failure([&] { f.authority->prepare_run(actor, "tester/other", std::nullopt); }) == Errc::denied);
  CHECK(failure([&] { f.authority->prepare_run(actor, "with space", std::nullopt); }) == Errc::denied);
  CHECK(failure([&] { f.authority->find_function(actor, "other"); }) == Errc::denied);
  CHECK(failure([&] { f.authority->function_body(actor, other); }) == Errc::denied);
  CHECK(failure([&] { f.authority->each_function(actor, [](const Function&) { return true; }); }) == Errc::denied);
  CHECK(failure([&] { f.authority->create_function(actor, "x", {}, as_bytes(k_one), OnTaken::refuse); }) ==
        Errc::denied);
  CHECK(failure([&] { f.authority->delete_function(actor, "hello"); }) == Errc::denied);
  CHECK(as_text(f.authority->prepare_run(scoped(f, "run:*"), "other", std::nullopt).body) == k_two);
  CHECK(failure([&] { f.authority->prepare_run(f.owner, "never", std::nullopt); }) == Errc::not_found);
}

TEST_CASE("a run is in the log before it begins, and what did not end is found") {
  Fixture f;
  const Function made = create(f, "hello", k_one);
  const FunctionRun ended = f.authority->prepare_run(f.owner, "hello", made.revision.sha256);
  CHECK(f.authority->begin_run(f.owner, ended));
  const FunctionRun open = f.authority->prepare_run(f.owner, made.id, std::nullopt);
  CHECK(f.authority->begin_run(f.owner, open));
  CHECK(actions_of(f).back() == "function.run.start");
  CHECK(failure([&] { f.authority->prepare_run(f.owner, "hello", sha256(as_bytes(k_two))); }) == Errc::refused);
  f.authority->end_run(f.owner, ended, "exit status 0");
  const auto unfinished = f.authority->unfinished_runs(f.owner);
  REQUIRE(unfinished.size() == 1);
  CHECK(unfinished[0].reason.starts_with("run " + open.id + ":"));
  CHECK(unfinished[0].target_name == "hello");
}

TEST_CASE("a function that is another by the time its run begins is looked at anew") {
  Fixture f;
  create(f, "hello", k_one);
  const FunctionRun before = f.authority->prepare_run(f.owner, "hello", std::nullopt);
  create(f, "hello", k_two, OnTaken::replace);
  const auto events = actions_of(f).size();
  CHECK_FALSE(f.authority->begin_run(f.owner, before));
  const FunctionRun after = f.authority->prepare_run(f.owner, "hello", std::nullopt);
  CHECK(as_text(after.body) == k_two);
  f.authority->delete_function(f.owner, "hello");
  CHECK_FALSE(f.authority->begin_run(f.owner, after));
  CHECK(actions_of(f).size() == events + 1);
}

TEST_CASE("a run notes which scope of its token was asked for") {
  Fixture f;
  create(f, "hello", k_one);
  const Issued issued = f.authority->issue(f.owner, {"ci", "", {}, {"token:read", "run:hello", "run:other"}});
  const Actor actor = f.authority->authenticate(issued.secret.text(), 7);
  CHECK(f.store->token(actor.id)->scopes_used == 0);
  const FunctionRun run = f.authority->prepare_run(actor, "hello", std::nullopt);
  CHECK(f.authority->begin_run(actor, run));
  CHECK(f.store->token(actor.id)->scopes_used == 2);
  f.authority->end_run(actor, run, "exit status 0");
  CHECK(f.store->check({}).problems.empty());
}

TEST_CASE("the journal of one run serves the next, and is nobody's journal meanwhile") {
  Fixture f;
  create(f, "hello", k_one);
  const Location location = f.home.location();
  const auto journal = fs::path(location.store.string() + "-journal");
  const auto is_marked = [&] { return fs::status(journal).permissions() == fs::perms(0700); }; // its name is synced
  const auto is_none = [&] { return slurp(journal).substr(0, 28) == std::string(28, '\0'); };  // no magic
  const auto begin = [&] {
    FunctionRun run = f.authority->prepare_run(f.owner, "hello", std::nullopt);
    CHECK(f.authority->begin_run(f.owner, run));
    CHECK(is_none());
    return run;
  };
  CHECK(!fs::exists(journal));
  const FunctionRun run = begin();
  std::ifstream same(journal);
  f.authority->end_run(f.owner, run, "exit status 0");
  CHECK(is_none());
  CHECK(is_marked());
  f.authority->end_run(f.owner, begin(), "exit status 0");
  CHECK(same.peek() == 0); // not removed meanwhile: it is read as the file is now
  CHECK(fs::file_size(journal) > 0);
  SECTION("whoever changes the store otherwise removes it") { f.issue("next"); }
  SECTION("one that is made anew is another, and marked when it is committed") {
    f.issue("next");
    CHECK(!fs::exists(journal));
    const FunctionRun another = f.authority->prepare_run(f.owner, "hello", std::nullopt);
    bool was_marked = true;
    f.authority->begin_run(f.owner, another, {.written = [&] { was_marked = is_marked(); }, .durable = {}});
    CHECK(!was_marked);
    CHECK(is_marked());
    f.issue("last");
  }
  SECTION("whoever runs it is killed: the store opens, and whoever changes it next removes it") {
    begin();
    f.reopen();
    CHECK(actions_of(f).back() == "function.run.start");
    CHECK(f.store->check({}).problems.empty());
    CHECK(fs::exists(journal)); // nobody has written
    f.issue("next");
  }
  SECTION("somebody else changes the store meanwhile") {
    const FunctionRun other = begin();
    {
      const auto store = open_store(location);
      Authority authority(*store, f.clock);
      authority.issue(authority.owner(0), {"other", "", std::nullopt});
    }
    CHECK(!fs::exists(journal));
    f.authority->end_run(f.owner, other, "exit status 0");
    f.issue("next");
  }
  SECTION("a rekey leaves nothing of it") {
    f.store->rekey({}, f.event(), {});
    f.reopen(); // by the new key
  }
  SECTION("it is no other store's") {
    const std::string left = slurp(journal);
    f.close();
    for (const auto& file : {location.store, location.key, location.anchor}) {
      fs::remove(file);
    }
    spit(journal, "some other journal");
    CHECK(failure([&] { create_store(location, {"cpl", "tester", 0}, f.clock); }) == Errc::unavailable);
    spit(journal, left);
    create_store(location, {"cpl", "tester", 0}, f.clock);
    f.reopen();
    f.issue("first");
  }
  CHECK(!fs::exists(journal));
  CHECK(f.store->check({}).problems.empty());
}

TEST_CASE("a file that is none of ours is not touched, though a run's journal lies beside it") {
  Fixture f;
  create(f, "hello", k_one);
  const FunctionRun run = f.authority->prepare_run(f.owner, "hello", std::nullopt);
  CHECK(f.authority->begin_run(f.owner, run));
  f.close();
  const Location location = f.home.location();
  std::string foreign = slurp(location.store);
  foreign[18] = foreign[19] = 2; // it asks for WAL
  foreign.replace(68, 4, "none");
  spit(location.store, foreign);
  CHECK(failure([&] { open_store(location); }) == Errc::damaged);
  CHECK(slurp(location.store) == foreign);
}

TEST_CASE("a run that does not begin leaves no journal") {
  Fixture f;
  create(f, "hello", k_one);
  const FunctionRun stale = f.authority->prepare_run(f.owner, "hello", std::nullopt);
  create(f, "hello", k_two, OnTaken::replace);
  CHECK(!f.authority->begin_run(f.owner, stale));
  CHECK(!fs::exists(f.home.location().store.string() + "-journal"));
}

TEST_CASE("a body in another function's place is found, and so is one that was put back") {
  Fixture f;
  const Function a = create(f, "a", k_one);
  const Function b = create(f, "b", k_two);
  const std::string before =
      query_sql(f.home.location(), "SELECT hex(sealed) FROM record WHERE id = '" + a.id + ".body'");
  create(f, "a", k_two, OnTaken::replace);
  f.close();
  SECTION("swapped") {
    run_sql(f.home.location(), "UPDATE record SET id = 'x' WHERE id = '" + a.id + ".body'; UPDATE record SET id = '" +
                                   a.id + ".body' WHERE id = '" + b.id + ".body'; UPDATE record SET id = '" + b.id +
                                   ".body' WHERE id = 'x'");
  }
  SECTION("put back") {
    run_sql(f.home.location(),
            "UPDATE record SET sealed = x'" + before + "', revision = 1 WHERE id = '" + a.id + ".body'");
  }
  // What is in a body is not looked at when the store is opened, but always when it is used.
  const auto store = open_store(f.home.location());
  Authority authority(*store, f.clock);
  const Function function = authority.find_function(f.owner, "a");
  CHECK(failure([&] { authority.function_body(f.owner, function); }) == Errc::damaged);
  CHECK_FALSE(store->check({}).problems.empty());
}

TEST_CASE("a body that is missing, planted or another kind's is found when the store is opened") {
  Fixture f;
  const Function a = create(f, "a", k_one);
  f.issue("ci");
  f.close();
  const std::string where = " WHERE id = '" + a.id + ".body'";
  SECTION("removed") { run_sql(f.home.location(), "DELETE FROM record" + where); }
  SECTION("planted") {
    run_sql(f.home.location(), "INSERT INTO record SELECT seq + 100, kind, 'x', revision, epoch, name_index, sealed "
                               "FROM record" +
                                   where);
  }
  SECTION("said to be a token") { run_sql(f.home.location(), "UPDATE record SET kind = 4" + where); }
  SECTION("a token said to be one") { run_sql(f.home.location(), "UPDATE record SET kind = 9 WHERE kind = 4"); }
  SECTION("a token put in its place") {
    run_sql(f.home.location(), "DELETE FROM record" + where + "; UPDATE record SET kind = 9 WHERE kind = 4");
  }
  CHECK(opening_fails(f.home.location()) == Errc::damaged);
}

TEST_CASE("a login is kept sealed, one for each profile") {
  Fixture f;
  const Issued issued = f.issue("ci");
  f.authority->keep_login(f.owner, "default", issued.secret, issued.token.id);
  f.authority->keep_login(f.owner, "work", issued.secret, issued.token.id);
  f.authority->keep_login(f.owner, "work", Secret(std::string_view("another")), "");
  CHECK(f.authority->profiles() == std::vector<std::string>{"default", "work"});
  CHECK(f.authority->login("work")->token.text() == "another");
  f.store->rekey({}, f.event(), {});
  f.reopen();
  CHECK(f.authority->login("default")->token.text() == issued.secret.text());
  CHECK_FALSE(f.authority->login("nobody"));
  for (const auto& entry : std::filesystem::directory_iterator(f.home.path())) {
    CHECK(slurp(entry.path()).find(issued.secret.text()) == std::string::npos);
  }
  f.authority->forget_login(f.owner, "default");
  CHECK_FALSE(f.authority->login("default"));
  CHECK(failure([&] { f.authority->forget_login(f.owner, "default"); }) == Errc::not_found);
  CHECK(f.store->check({}).problems.empty());
}

TEST_CASE("a store is opened anew with the key that it has, whatever has become of the key file") {
  Fixture f;
  const Issued issued = f.issue("ci");
  std::filesystem::remove(f.home.location().key);
  const auto again = f.store->reopen();
  Authority(*again, f.clock).revoke(f.owner, issued.token.id);
  CHECK(f.authority->verify(issued.secret.text()).reason == Reason::revoked);
}
