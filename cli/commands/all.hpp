#pragma once

#include "cli/command.hpp"

namespace caplet {

extern const Command k_init;
extern const Command k_token_create;
extern const Command k_token_list;
extern const Command k_token_show;
extern const Command k_token_delete;
extern const Command k_token_inspect;
extern const Command k_verify;
extern const Command k_audit_list;
extern const Command k_audit_verify;
extern const Command k_audit_checkpoint;
extern const Command k_audit_export;
extern const Command k_store_check;
extern const Command k_help;
extern const Command k_version;

} // namespace caplet
