// Logins. Declared in authority.hpp.

#include "core/authority.hpp"
#include "core/text.hpp"

namespace caplet {

void Authority::keep_login(const Actor& actor, const std::string& profile, const Secret& token, std::string_view id) {
  check_name(profile);
  const auto change = m_store.begin();
  keep(*change, actor, profile, token, id);
  change->commit();
}

void Authority::keep(Transaction& change, const Actor& actor, const std::string& profile, const Secret& token,
                     std::string_view id) {
  Credential credential{draw_id(), profile, Secret(token.view()), m_clock.now()};
  while (change.token(credential.id)) {
    credential.id = draw_id();
  }
  change.keep(credential);
  Token target;
  target.id = id;
  target.name = profile;
  change.append(event(actor, "account.login.keep", target));
}

std::optional<Credential> Authority::login(std::string_view profile) { return m_store.credential(profile); }

void Authority::forget_login(const Actor& actor, const std::string& profile) {
  const auto change = m_store.begin();
  change->forget_credential(profile);
  Token target;
  target.name = profile;
  change->append(event(actor, "account.login.forget", target));
  change->commit();
}

} // namespace caplet
