// The audit log. Declared in authority.hpp.

#include "core/authority.hpp"

namespace caplet {

void Authority::each_event(const Actor& actor, std::uint64_t after, const std::function<bool(const Event&)>& visit) {
  require(actor, "audit:read", "read the audit log");
  m_store.each_event(after, visit);
}

std::optional<Digest> Authority::audit_link(const Actor& actor, std::uint64_t seq) {
  require(actor, "audit:read", "read the audit log");
  return m_store.audit_link(seq);
}

SignedCheckpoint Authority::checkpoint(const Actor& actor) {
  require(actor, "audit:read", "sign the audit log");
  return m_store.signed_checkpoint();
}

AuditKey Authority::audit_key(const Actor& actor) {
  require(actor, "audit:read", "sign the audit log");
  return m_store.audit_key();
}

CheckReport Authority::check_audit(const Actor& actor, const Progress& progress) {
  require(actor, "audit:read", "check the audit log");
  return m_store.check_audit(progress);
}

} // namespace caplet
