// Key slots: what opens them, what does not, and what is refused before anything slow is done.

#include "store/codec.hpp"
#include "store/key_slot.hpp"
#include "tests/store/support.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

using namespace caplet;
using namespace caplet::test;

namespace {

constexpr std::string_view k_words = "correct horse battery";

StorePlace place_of_tests() {
  StorePlace place;
  place.store.fill(7);
  place.epoch = 3;
  place.format = 2;
  return place;
}

/// A passphrase's slot with what opens it.
struct Wrapped {
  Wrapped() {
    root = stretch(slot, as_bytes(k_words));
    wrap_store_key(slot, place, root.view(), store_key.view());
  }
  /// Whether a slot opens by the passphrase; nothing where it is refused before.
  std::optional<bool> opens(const KeySlot& tried) const {
    try {
      return unwrap_store_key(tried, place, stretch(tried, as_bytes(k_words)).view()).has_value();
    } catch (const Error& e) {
      CHECK(e.code() == Errc::locked);
      CHECK_FALSE(e.hint().empty());
      return std::nullopt;
    }
  }
  StorePlace place = place_of_tests();
  Secret store_key{std::string_view("0123456789abcdef0123456789abcdef")};
  KeySlot slot = new_passphrase_slot(k_cheap, Instant(std::chrono::seconds(1'800'000'000)));
  Secret root;
};

Bytes params_with(std::optional<std::uint64_t> passes, std::optional<std::uint64_t> memory, std::size_t salt) {
  FieldWriter out;
  out.number(1, 1);
  out.number(2, passes.value_or(0));
  out.number(3, memory.value_or(0));
  out.bytes(4, Bytes(salt, 9));
  return {out.view().begin(), out.view().end()};
}

} // namespace

TEST_CASE("a slot opens by its root, in its store and under its key, and by nothing else") {
  const Wrapped wrapped;
  const auto key = unwrap_store_key(wrapped.slot, wrapped.place, wrapped.root.view());
  REQUIRE(key);
  CHECK(same_bytes(key->view(), wrapped.store_key.view()));
  CHECK(wrapped.opens(wrapped.slot) == true);
  const auto opens_at = [&](const StorePlace& place) {
    return unwrap_store_key(wrapped.slot, place, wrapped.root.view()).has_value();
  };
  StorePlace other = wrapped.place;
  other.store[15] = 8;
  CHECK_FALSE(opens_at(other));
  other = wrapped.place;
  other.epoch = 4;
  CHECK_FALSE(opens_at(other));
  other = wrapped.place;
  other.format = 3; // a migration does not ask for every passphrase
  CHECK(opens_at(other));
  other.format = 1;
  CHECK_FALSE(opens_at(other));
  CHECK_FALSE(
      unwrap_store_key(wrapped.slot, wrapped.place, stretch(wrapped.slot, as_bytes("correct horse batterz")).view()));
}

TEST_CASE("a passphrase's slot with one flipped bit does not open") {
  const Wrapped wrapped;
  std::size_t refused = 0;
  const auto flip = [&](auto member) {
    KeySlot changed = wrapped.slot;
    for (auto& byte : changed.*member) {
      for (unsigned bit = 0; bit < 8; ++bit) {
        byte = static_cast<unsigned char>(byte ^ 1U << bit);
        CHECK_FALSE(wrapped.opens(changed).value_or(false));
        byte = static_cast<unsigned char>(byte ^ 1U << bit);
        ++refused;
      }
    }
    CHECK(wrapped.opens(changed) == true);
  };
  flip(&KeySlot::id);
  flip(&KeySlot::params);
  flip(&KeySlot::commitment);
  flip(&KeySlot::wrapped);
  CHECK(refused == 8 * (8 + wrapped.slot.params.size() + 32 + wrapped.slot.wrapped.size()));
  KeySlot changed = wrapped.slot;
  changed.kind = KeySlot::Kind::key_file;
  CHECK_FALSE(unwrap_store_key(changed, wrapped.place, wrapped.root.view()));
}

TEST_CASE(
    "a slot commits to one key: another key's box behind its commitment does not open, nor its own behind theirs") {
  const Wrapped ours;
  KeySlot theirs = ours.slot;
  const Secret their_root(std::string_view("fedcba9876543210fedcba9876543210"));
  const Secret their_key(std::string_view("a store key that somebody chose!"));
  wrap_store_key(theirs, ours.place, their_root.view(), their_key.view());
  REQUIRE(unwrap_store_key(theirs, ours.place, their_root.view()));
  CHECK_FALSE(unwrap_store_key(theirs, ours.place, ours.root.view()));
  KeySlot mixed = theirs;
  mixed.commitment = ours.slot.commitment;
  CHECK_FALSE(unwrap_store_key(mixed, ours.place, their_root.view())); // the box is theirs, the commitment is not
  CHECK_FALSE(unwrap_store_key(mixed, ours.place, ours.root.view()));
}

TEST_CASE("a slot that asks for more than the limits is refused before anything is derived") {
  const Wrapped wrapped;
  constexpr std::uint64_t k_memory = PassphraseCost::k_most_memory;
  constexpr std::uint64_t k_passes = PassphraseCost::k_most_passes;
  CHECK(k_passes == 10);
  CHECK(k_memory == std::uint64_t{1} << 30U);
  KeySlot slot = wrapped.slot;
  const auto refused = [&](Bytes params) {
    slot.params = std::move(params);
    CHECK_THROWS_AS(read_params(slot), Error);
    return !wrapped.opens(slot).has_value();
  };
  constexpr std::uint64_t k_huge = std::uint64_t{1} << 63U;
  for (const std::uint64_t passes : {k_passes + 1, std::uint64_t{1} << 32U, k_huge, UINT64_MAX}) {
    CHECK(refused(params_with(passes, 8192, 16)));
    CHECK(refused(params_with(passes, k_memory, 16))); // derived, this would run for minutes
  }
  for (const std::uint64_t memory : {k_memory + 1, k_memory * 2, k_huge, UINT64_MAX}) {
    CHECK(refused(params_with(1, memory, 16)));
  }
  CHECK(refused(params_with(0, 8192, 16)));
  CHECK(refused(params_with(1, 0, 16)));
  CHECK(refused(params_with(1, 8191, 16)));
  for (const std::size_t salt : {0U, 1U, 15U, 17U, 64U}) {
    CHECK(refused(params_with(1, 8192, salt)));
  }
  const Bytes whole = wrapped.slot.params;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CHECK(refused({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)}));
  }
  Bytes longer = whole;
  longer.push_back(5);
  CHECK(refused(longer));
  // At the limits it is read.
  slot.params = params_with(k_passes, k_memory, 16);
  CHECK(read_params(slot).cost == PassphraseCost{k_passes, k_memory});
}

TEST_CASE("what a store makes a passphrase's slot with: Argon2id, 3 passes over 256 MiB, a salt of its own") {
  const KeySlot one = new_passphrase_slot({}, Instant{});
  const KeySlot two = new_passphrase_slot({}, Instant{});
  CHECK(read_params(one).cost == PassphraseCost{3, std::uint64_t{256} << 20U});
  CHECK(read_params(one).salt.size() == 16);
  CHECK(read_params(one).salt != read_params(two).salt);
  CHECK(one.id != two.id);
}

TEST_CASE("in a store a flipped bit in any column of any slot is refused, by whichever slot it is opened") {
  Fixture f;
  f.store->add_slot(as_bytes(k_words), k_cheap, f.event());
  f.close();
  const Location location = f.home.location();
  const std::string whole = slurp(location.store);
  const Unlocking by_words = passphrase(k_words);
  REQUIRE_FALSE(opening_fails(location));
  REQUIRE_FALSE(opening_fails(location, by_words));
  for (const int number : {1, 2}) {
    for (const std::string column : {"id", "params", "commitment", "wrapped"}) {
      const std::string hex =
          query_sql(location, fmt::format("SELECT hex({}) FROM slot WHERE number = {}", column, number));
      REQUIRE(hex.size() >= 16);
      for (std::size_t i = 0; i < hex.size(); ++i) {
        constexpr std::string_view k_digits = "0123456789ABCDEF";
        std::string changed = hex;
        changed[i] = k_digits[k_digits.find(hex[i]) ^ 1U << (i / 2 % 4)];
        INFO(column << " of slot " << number << ", digit " << i);
        run_sql(location, fmt::format("UPDATE slot SET {} = x'{}' WHERE number = {}", column, changed, number));
        for (const Unlocking& unlocking : {Unlocking{}, by_words}) {
          const auto code = opening_fails(location, unlocking);
          CHECK((code == Errc::locked || code == Errc::damaged));
        }
        spit(location.store, whole);
      }
    }
    for (const int kind : {0, 1, 2, 3, 257}) {
      run_sql(location, fmt::format("UPDATE slot SET kind = {} WHERE number = {}", kind, number));
      INFO("kind " << kind << " of slot " << number);
      CHECK(opening_fails(location, by_words).has_value() == (kind != number));
      spit(location.store, whole);
    }
  }
  REQUIRE_FALSE(opening_fails(location, by_words));
}

TEST_CASE("slots that were exchanged, left out or brought back are found") {
  Fixture f;
  const std::string added = f.store->add_slot(as_bytes(k_words), k_cheap, f.event()).id;
  const Location location = f.home.location();
  const std::string with_two = slurp(location.store);
  const auto fails_after = [&](const std::string& sql) {
    const std::string whole = slurp(location.store);
    run_sql(location, sql);
    const auto code = opening_fails(location);
    spit(location.store, whole);
    return code;
  };
  CHECK(fails_after("DELETE FROM slot WHERE number = 2") == Errc::damaged);
  CHECK(fails_after("UPDATE slot SET number = 3 WHERE number = 1") == Errc::damaged);
  CHECK(fails_after("INSERT INTO slot SELECT 3, id, kind, params, commitment, wrapped FROM slot WHERE number = 2") ==
        Errc::damaged);
  spit(f.home.path() / "two.db", with_two);
  f.store->remove_slot(added, {}, f.event());
  f.close();
  CHECK(fails_after(fmt::format("ATTACH '{}' AS old; INSERT INTO slot SELECT * FROM old.slot WHERE number = 2",
                                (f.home.path() / "two.db").string())) == Errc::damaged);
  CHECK_FALSE(opening_fails(location));
}

TEST_CASE("a change of the slots by another process is not written over") {
  Fixture f;
  const auto other = open_store(f.home.location());
  const std::string added = other->add_slot(as_bytes(k_words), k_cheap, f.event()).id;
  const auto is_busy = [](const Error& e) { return e.code() == Errc::busy && !e.hint().empty(); };
  CHECK_THROWS_MATCHES(f.store->rekey({}, f.event(), {}), Error, Catch::Predicate<Error>(is_busy));
  f.reopen();
  f.store->remove_slot(added, {}, f.event());
  f.store->add_slot(as_bytes("another passphrase"), k_cheap, f.event());
  CHECK_THROWS_MATCHES(other->remove_slot(added, {}, f.event()), Error, Catch::Predicate<Error>(is_busy));
  CHECK(f.store->slots().size() == 2);
  CHECK(f.store->check({}).problems.empty());
}
