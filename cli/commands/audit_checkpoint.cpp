#include "cli/commands/all.hpp"
#include "cli/context.hpp"
#include "cli/token_view.hpp"

#include <nlohmann/json.hpp>

#include <cstdlib>

namespace caplet {
namespace {

int run_checkpoint(Context& context, const Arguments& arguments) {
  Authority& authority = context.authority();
  const Actor actor = context.actor(arguments);
  const SignedCheckpoint made = authority.checkpoint(actor);
  if (output_format(k_audit_checkpoint, arguments) == "json") {
    context.out().line(json_pretty({{"origin", made.checkpoint.origin},
                                    {"size", made.checkpoint.size},
                                    {"head", to_hex(made.checkpoint.head)},
                                    {"key", to_text(authority.audit_key(actor))},
                                    {"note", made.note}}));
  } else {
    context.out().write(made.note);
  }
  context.out().flush();
  context.hint("keep it off this machine; later: caplet audit verify --against FILE");
  return EXIT_SUCCESS;
}

} // namespace

constinit const Command k_audit_checkpoint{
    .path = "audit checkpoint",
    .summary = "Sign how far the audit log has come.",
    .details =
        "Prints a note with the number of events and the hash of them all, signed by the store (a C2SP "
        "checkpoint). Kept where nobody who rules this machine can change it, it shows later whether the log was "
        "rewritten or put back. Nothing in it is secret. The key that checks it is in the JSON.",
    .examples = "caplet audit checkpoint | ssh backup 'cat >>checkpoints'\n"
                "caplet audit checkpoint -o json | jq -r .key",
    .formats = "note,json",
    .token = TokenRole::actor,
    .run = run_checkpoint,
};

} // namespace caplet
