#include "core/token_request.hpp"
#include "tests/core/refusal.hpp"

#include <catch2/catch.hpp>

#include <functional>
#include <string>
#include <vector>

using namespace caplet;
using namespace caplet::test;
using namespace std::chrono_literals;

namespace {

const Instant k_now(std::chrono::seconds(1'800'000'000));

/// Whether the work is denied, with a hint.
bool is_denied(const std::function<void()>& work) {
  try {
    work();
    return false;
  } catch (const Error& e) {
    CHECK_FALSE(e.hint().empty());
    return e.code() == Errc::denied;
  }
}

Network network(const std::string& text) { return parse_network(text); }

} // namespace

TEST_CASE("what a token may be asked to be") {
  const auto refused = [](const std::function<void(TokenRequest&)>& change) {
    TokenRequest request{"ci"};
    change(request);
    return !refusal_of([&] { check(request); }).empty();
  };
  CHECK_FALSE(refused([](TokenRequest&) {}));
  CHECK(refused([](TokenRequest& r) { r.name = ""; }));
  CHECK(refused([](TokenRequest& r) { r.scopes = {"a b"}; }));
  CHECK(refused([](TokenRequest& r) { r.audiences = {"a b"}; }));
  CHECK(refused([](TokenRequest& r) { r.audiences = {""}; }));
  CHECK(refused([](TokenRequest& r) { r.audiences = {"\x1b[2J"}; }));
  CHECK(refused([](TokenRequest& r) { r.audiences.assign(17, "a"); }));
  CHECK(refused([](TokenRequest& r) { r.networks.assign(33, network("10.0.0.0/8")); }));
  CHECK(refused([](TokenRequest& r) { r.idle_limit = 119s; }));
  CHECK_FALSE(refused([](TokenRequest& r) { r.idle_limit = 2min; }));
  CHECK(refused([](TokenRequest& r) { r.meta = {{"", "x"}}; }));
  CHECK(refused([](TokenRequest& r) { r.meta = {{"a=b", "x"}}; }));
  CHECK(refused([](TokenRequest& r) { r.meta = {{"a", "x"}, {"a", "y"}}; }));
  CHECK(refused([](TokenRequest& r) { r.meta = {{"a", "x\ny"}}; }));
  CHECK(refused([](TokenRequest& r) {
    r.not_before = k_now + 2h;
    r.ending = k_now + 1h;
  }));
}

TEST_CASE("the policy says how long a token may live") {
  Policy policy;
  const auto none = std::optional<Instant>();
  CHECK(allowed_end(Ending(), policy, none, k_now) == k_now + 90 * 24h);
  CHECK(allowed_end(Ending(), policy, k_now + 1h, k_now) == k_now + 1h); // no longer than its maker
  CHECK(allowed_end(std::nullopt, policy, none, k_now) == none);
  CHECK(allowed_end(k_now + 1h, policy, k_now + 1h, k_now) == k_now + 1h);
  CHECK(is_denied([&] { allowed_end(k_now + 1h + 1s, policy, k_now + 1h, k_now); }));
  CHECK(is_denied([&] { allowed_end(std::nullopt, policy, k_now + 1h, k_now); }));

  policy.endless = Policy::Endless::refused;
  CHECK(is_denied([&] { allowed_end(std::nullopt, policy, none, k_now); }));
  CHECK(allowed_end(k_now + 9999 * 24h, policy, none, k_now));
  policy = {};
  policy.longest_lifetime = 30 * 24h;
  CHECK(allowed_end(Ending(), policy, none, k_now) == k_now + 30 * 24h);
  CHECK(allowed_end(k_now + 30 * 24h, policy, none, k_now));
  CHECK(is_denied([&] { allowed_end(k_now + 30 * 24h + 1s, policy, none, k_now); }));
  CHECK(is_denied([&] { allowed_end(std::nullopt, policy, none, k_now); }));
}

TEST_CASE("the rules of a policy as text") {
  Policy policy;
  for (const PolicyRule& rule : policy_rules()) {
    INFO(rule.key);
    Policy copy = policy;
    rule.set(copy, rule.get(policy));
    CHECK(copy == policy);
    for (const std::string bad : {"", "x", "-1", "1 d", "never\n"}) {
      CHECK_FALSE(refusal_of([&] { rule.set(copy, bad); }).empty());
    }
    CHECK(copy == policy);
  }
  policy_rule("longest-lifetime").set(policy, "1h30m");
  CHECK(policy.longest_lifetime == 90min);
  CHECK(policy_rule("longest-lifetime").get(policy) == "1h30m");
  policy_rule("most-pats").set(policy, "0");
  CHECK(policy.most_pats == 0U);
  CHECK_FALSE(refusal_of([] { policy_rule("most_pats"); }).empty());
  CHECK_FALSE(refusal_of([&] { policy_rule("default-lifetime").set(policy, "9000000h"); }).empty());
}

TEST_CASE("what a token makes is no wider than itself") {
  Token maker;
  Token child;
  maker.kind = TokenKind::sat;
  CHECK(is_denied([&] { narrow(child, maker); }));
  maker.kind = TokenKind::pat;
  narrow(child, maker);
  CHECK(child == Token());

  maker.networks = {network("10.0.0.0/8"), network("fd00::/8")};
  narrow(child, maker);
  CHECK(child.networks == maker.networks);
  child.networks = {network("10.1.0.0/16"), network("fd00:1::/32")};
  narrow(child, maker);
  CHECK(child.networks.size() == 2);
  child.networks.push_back(network("11.0.0.0/8"));
  CHECK(is_denied([&] { narrow(child, maker); }));
  child.networks = {network("0.0.0.0/0")};
  CHECK(is_denied([&] { narrow(child, maker); }));

  maker = {};
  child = {};
  maker.uses_limit = 10;
  maker.uses = 4;
  narrow(child, maker);
  CHECK(child.uses_limit == 6);
  child.uses_limit = 7;
  CHECK(is_denied([&] { narrow(child, maker); }));
  maker.uses = 10;
  child.uses_limit = 0;
  CHECK(is_denied([&] { narrow(child, maker); }));

  maker = {};
  child = {};
  maker.audiences = {"a", "b"};
  narrow(child, maker);
  CHECK(child.audiences == maker.audiences);
  child.audiences = {"b"};
  narrow(child, maker);
  child.audiences = {"c"};
  CHECK(is_denied([&] { narrow(child, maker); }));

  maker = {};
  child = {};
  maker.idle_limit = 1h;
  narrow(child, maker);
  CHECK(child.idle_limit == 1h);
  child.idle_limit = 2h;
  CHECK(is_denied([&] { narrow(child, maker); }));
}
