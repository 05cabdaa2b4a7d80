// Functions and credentials in a sealed store. Declared in sealed_store.hpp and sealed_change.hpp.

#include "core/error.hpp"
#include "store/function_codec.hpp"
#include "store/sealed_change.hpp"
#include "store/sealed_reading.hpp"

namespace caplet {
namespace {

constexpr std::size_t k_batch = 512;
constexpr std::string_view k_no_account; // credentials belong to the one who has the store's key

Error tampered_index() {
  return {Errc::damaged, "the name index of the store was tampered with", "restore the store from a backup"};
}

} // namespace

std::optional<Function> SealedStore::function(std::string_view id) {
  return reading([&] {
    const auto record = m_records->find(id, RecordKind::function);
    return record ? std::optional(decode_function(record->id, record->content)) : std::nullopt;
  });
}

std::optional<Function> SealedStore::function_named(std::string_view account, std::string_view name) {
  return reading([&] {
    const NameIndex index = name_index(m_vault.keys, RecordKind::function, account, name);
    const auto record = m_records->find_named(index, RecordKind::function);
    if (!record) {
      return std::optional<Function>();
    }
    Function function = decode_function(record->id, record->content);
    if (name_index(m_vault.keys, RecordKind::function, function.account, function.name) != index) {
      throw tampered_index();
    }
    return std::optional(std::move(function));
  });
}

void SealedStore::each_function(const std::function<bool(const Function&)>& visit) {
  each_record<Function>(RecordKind::function, k_batch, visit, [](Function& function, const Record& record) {
    function = decode_function(record.id, record.content);
  });
}

Bytes SealedStore::function_body(std::string_view id) {
  return reading([&] {
    const auto record = m_records->find(body_id(id), RecordKind::function_body);
    if (!record) {
      throw Error(Errc::damaged, "the bytes of a function are gone", "restore the store from a backup");
    }
    return decode_body(record->content);
  });
}

std::optional<Credential> SealedStore::credential(std::string_view profile) {
  auto found = reading([&] {
    const NameIndex index = name_index(m_vault.keys, RecordKind::credential, k_no_account, profile);
    const auto record = m_records->find_named(index, RecordKind::credential);
    if (!record) {
      return std::optional<Credential>();
    }
    Credential credential = decode_credential(record->id, record->content);
    if (name_index(m_vault.keys, RecordKind::credential, k_no_account, credential.profile) != index) {
      throw tampered_index();
    }
    return std::optional(std::move(credential));
  });
  m_records->forget();
  return found;
}

std::vector<std::string> SealedStore::profiles() {
  return reading([&] {
    std::vector<std::string> all;
    std::int64_t last = 0;
    while (m_records->each_after(last, RecordKind::credential, k_batch, [&](const Record& record) {
      all.push_back(decode_credential(record.id, record.content).profile);
    }) == k_batch) {
    }
    m_records->forget();
    return all;
  });
}

void SealedStore::Change::insert(const Function& function, ByteView body) {
  if (m_store.function(function.id) || m_store.function_named(function.account, function.name)) {
    throw Error(Errc::exists, "a function of this id or name exists already", "choose another name");
  }
  RecordTable& records = *m_store.m_records;
  {
    FieldWriter content;
    encode(content, function);
    const auto index = name_index(m_store.m_vault.keys, RecordKind::function, function.account, function.name);
    records.insert(m_state, RecordKind::function, function.id, index, content.view());
  }
  FieldWriter content;
  encode_body(content, body);
  records.insert(m_state, RecordKind::function_body, body_id(function.id), std::nullopt, content.view());
}

void SealedStore::Change::update(const Function& function, ByteView body) {
  RecordTable& records = *m_store.m_records;
  {
    FieldWriter content;
    encode(content, function);
    const auto index = name_index(m_store.m_vault.keys, RecordKind::function, function.account, function.name);
    records.update(m_state, RecordKind::function, function.id, index, content.view());
  }
  FieldWriter content;
  encode_body(content, body);
  records.update(m_state, RecordKind::function_body, body_id(function.id), std::nullopt, content.view());
}

void SealedStore::Change::remove_function(std::string_view id) {
  m_store.m_records->remove(m_state, RecordKind::function, id);
  m_store.m_records->remove(m_state, RecordKind::function_body, body_id(id));
}

void SealedStore::Change::keep(const Credential& credential) {
  RecordTable& records = *m_store.m_records;
  const NameIndex index = name_index(m_store.m_vault.keys, RecordKind::credential, k_no_account, credential.profile);
  FieldWriter content;
  encode(content, credential);
  if (const auto old = m_store.credential(credential.profile)) {
    records.update(m_state, RecordKind::credential, old->id, index, content.view());
  } else {
    records.insert(m_state, RecordKind::credential, credential.id, index, content.view());
  }
}

void SealedStore::Change::forget_credential(std::string_view profile) {
  const auto old = m_store.credential(profile);
  if (!old) {
    throw Error(Errc::not_found, "there is no such login", "see who is logged in: caplet whoami");
  }
  m_store.m_records->remove(m_state, RecordKind::credential, old->id);
}

} // namespace caplet
