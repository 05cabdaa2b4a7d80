#pragma once

#include "cli/command.hpp"

namespace caplet {

extern const Command k_init;
extern const Command k_token_create;
extern const Command k_token_list;
extern const Command k_token_show;
extern const Command k_token_rotate;
extern const Command k_token_delete;
extern const Command k_token_prune;
extern const Command k_token_inspect;
extern const Command k_verify;
extern const Command k_can;
extern const Command k_jwks;
extern const Command k_jwks_rotate;
extern const Command k_audit_list;
extern const Command k_audit_verify;
extern const Command k_audit_checkpoint;
extern const Command k_audit_export;
extern const Command k_scan;
extern const Command k_store_check;
extern const Command k_store_info;
extern const Command k_store_backup;
extern const Command k_store_restore;
extern const Command k_store_rekey;
extern const Command k_store_policy_get;
extern const Command k_store_policy_set;
extern const Command k_store_key_list;
extern const Command k_store_key_add;
extern const Command k_store_key_remove;
extern const Command k_doctor;
extern const Command k_unlock;
extern const Command k_lock;
extern const Command k_login;
extern const Command k_logout;
extern const Command k_whoami;
extern const Command k_function_create;
extern const Command k_function_list;
extern const Command k_function_show;
extern const Command k_function_delete;
extern const Command k_run;
extern const Command k_exec;
extern const Command k_help;
extern const Command k_version;
extern const Command k_config_get;
extern const Command k_config_set;
extern const Command k_config_unset;
extern const Command k_config_list;
extern const Command k_config_path;
extern const Command k_completion;
extern const Command k_complete;
extern const Command k_generate;

} // namespace caplet
