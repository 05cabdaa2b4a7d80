// The audit log as a whole: its head, signed, and the check of all of it. Declared in sealed_store.hpp.

#include "store/audit_chain.hpp"
#include "store/sealed_reading.hpp"

namespace caplet {

std::optional<Digest> SealedStore::audit_link(std::uint64_t seq) {
  return reading([&] { return read_link(m_vault.database, seq); });
}

SignedCheckpoint SealedStore::signed_checkpoint() {
  audit_link(1); // a look at the file, after which the state is the newest
  const State state = m_vault.state;
  if (audit_link(state.events) != state.audit_head) {
    throw Error(Errc::damaged, "the end of the audit log is missing or was tampered with",
                "see all that is wrong: caplet audit verify");
  }
  const Checkpoint checkpoint{audit_origin(m_vault.place.store), state.events, state.audit_head};
  return {checkpoint, sign_checkpoint(checkpoint, m_keyring->signing_seed())};
}

AuditKey SealedStore::audit_key() const {
  return caplet::audit_key(audit_origin(m_vault.place.store), m_keyring->signing_seed());
}

CheckReport SealedStore::check_audit(const Progress& progress) {
  if (!m_lock.acquire(FileLock::Mode::shared, k_lock_deadline)) {
    throw busy();
  }
  const Unlock unlock(m_lock);
  const Database::Patience patience(m_vault.database);
  refresh_state();
  CheckReport report;
  Steps steps(progress, m_vault.state.events);
  check_events(m_vault.database, m_vault.keys, m_vault.place, m_vault.state, report, steps);
  check_anchor(report);
  return report;
}

} // namespace caplet
