// Tokens as they are read from a sealed store. Declared in sealed_store.hpp.

#include "core/error.hpp"
#include "store/sealed_reading.hpp"

#include <utility>

namespace caplet {
namespace {

constexpr std::size_t k_token_batch = 128; ///< a token in memory is large: more would be mapped anew for each batch

} // namespace

std::optional<Token> SealedStore::token(std::string_view id) {
  return reading([&] {
    std::optional<Token> token;
    if (const auto record = m_records->find(id, RecordKind::token)) {
      decode(token.emplace(), record->id, record->content);
    }
    return token;
  });
}

std::optional<Token> SealedStore::token_shown(std::string_view id, const Digest& digest) {
  if (m_in_change) { // which has not been written yet
    return token(id);
  }
  return reading([&] {
    std::optional<Token> token;
    if (m_known.may_have(digest)) {
      if (const Token* const known = m_known.find(digest, version_now())) {
        token = *known;
        return token;
      }
    }
    if (const auto record = m_records->find(id, RecordKind::token)) {
      decode(token.emplace(), record->id, record->content);
      if (same_bytes(token->digest, digest)) {
        m_known.remember(*token, m_vault.database.data_version());
      }
    }
    return token;
  });
}

std::optional<Token> SealedStore::token_named(std::string_view account, std::string_view name) {
  return reading([&] {
    const NameIndex index = name_index(m_vault.keys, RecordKind::token, account, name);
    const auto record = m_records->find_named(index, RecordKind::token);
    if (!record) {
      return std::optional<Token>();
    }
    Token token = decode_token(record->id, record->content);
    if (name_index(m_vault.keys, token) != index) {
      throw Error(Errc::damaged, "the name index of the store was tampered with", "restore the store from a backup");
    }
    return std::optional(std::move(token));
  });
}

std::vector<Token> SealedStore::tokens_with_prefix(std::string_view prefix, std::size_t limit) {
  return reading([&] {
    std::vector<Token> tokens;
    m_records->each_with_prefix(prefix, RecordKind::token, limit, [&](const Record& record) {
      decode(tokens.emplace_back(), record.id, record.content);
    });
    return tokens;
  });
}

void SealedStore::each_token(const std::function<bool(const Token&)>& visit) {
  each_record<Token>(RecordKind::token, k_token_batch, visit,
                     [](Token& token, const Record& record) { decode(token, record.id, record.content); });
}

} // namespace caplet
