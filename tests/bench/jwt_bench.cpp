// What the verification of a JWT costs in the process, against libsodium's Ed25519 and a raw lookup of the record.

#include "core/authority.hpp"
#include "core/jwt.hpp"
#include "store/open_store.hpp"
#include "tests/bench/bench.hpp"
#include "tests/bench/raw.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <cstdlib>
#include <random>
#include <string>
#include <vector>

namespace {

using namespace caplet;

constexpr int k_tokens = 1000;
constexpr int k_per_round = 2000;

std::vector<std::string> issue(Authority& authority) {
  std::vector<std::string> strings;
  int number = 0;
  authority.issue_all(
      authority.owner(0),
      [&]() -> std::optional<TokenRequest> {
        if (number == k_tokens) {
          return std::nullopt;
        }
        TokenRequest request{fmt::format("bench-{}", number++)};
        request.format = TokenFormat::jwt;
        return request;
      },
      [&](const Token& /*token*/, std::string_view secret) { strings.emplace_back(secret); });
  return strings;
}

/// What is left of a JWT for whoever does nothing but look at its signature.
struct Bare {
  std::string signed_text;
  Signature signature{};
  std::string id;
};

Bare bare(const std::string& token) {
  const auto parsed = parse_jwt(token);
  const auto& jwt = std::get<Jwt>(parsed);
  return {std::string(jwt.signed_text), jwt.signature, jwt.claims.id};
}

} // namespace

int main() {
  const SystemClock clock;
  const bench::TemporaryDirectory directory;
  const Location location{directory.path() / "store.db", directory.path() / "key", false, directory.path() / "anchor",
                          directory.path() / "store.db.reserve"};
  create_store(location, {"cpl", "bench", 0}, clock);
  const auto store = open_store(location);
  Authority authority(*store, clock);
  const auto strings = issue(authority);
  std::vector<Bare> bares;
  for (const std::string& token : strings) {
    bares.push_back(bare(token));
  }
  const PublicKey key = authority.published_keys().front().public_key;
  bench::RawConnection raw(location.store.string());
  sqlite3_stmt* lookup = raw.prepare("SELECT sealed FROM record WHERE id = ?1");
  std::mt19937 random(1); // NOLINT(cert-msc32-c,cert-msc51-cpp): the same order for both
  bench::compare(
      fmt::format("verify a JWT, {} tokens", k_tokens), "bare Ed25519 and raw lookup", 15, k_per_round,
      [&] {
        for (int i = 0; i < k_per_round; ++i) {
          if (!authority.verify(strings[random() % strings.size()]).valid()) {
            std::abort();
          }
        }
      },
      [&] {
        for (int i = 0; i < k_per_round; ++i) {
          const Bare& token = bares[random() % bares.size()];
          if (!signature_fits(token.signed_text, token.signature, key)) {
            std::abort();
          }
          sqlite3_bind_text(lookup, 1, token.id.data(), static_cast<int>(token.id.size()), SQLITE_STATIC);
          if (sqlite3_step(lookup) != SQLITE_ROW || sqlite3_column_bytes(lookup, 0) == 0) {
            std::abort();
          }
          sqlite3_reset(lookup);
        }
      },
      "time at most 1.3 x");
  sqlite3_finalize(lookup);
}
