#include "cli/commands/all.hpp"
#include "cli/context.hpp"
#include "cli/passphrase_source.hpp"
#include "cli/secret_source.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "store/files.hpp"
#include "store/key_file.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdlib>

namespace caplet {
namespace {

constexpr std::array k_options{
    Option{"--passphrase", "", "a passphrase; asked for twice"},
    Option{"--new-passphrase-file", "FILE", "a passphrase, read from a file"},
    Option{"--key-file", "FILE", "a key file, made here; one that is there and opens nothing yet is taken"},
};

/// A key file that an interrupted run left, or one that was made elsewhere; else a new one.
KeyFile key_file_at(const std::filesystem::path& path) {
  try {
    return read_key_file(path);
  } catch (const Error& e) {
    if (e.code() != Errc::missing) {
      throw;
    }
  }
  KeyFile key = draw_key_file();
  write_key_file(path, key);
  return key;
}

SlotInfo add(Context& context, LocalStore& store, const Arguments& arguments) {
  if (const auto file = arguments.value("key-file")) {
    return store.add_slot(key_file_at(absolute_path(*file)), context.owners_event());
  }
  const auto file = arguments.value("new-passphrase-file");
  const Secret passphrase = file ? long_enough(secret_from_file(*file, "passphrase", "--new-passphrase-file"))
                                 : ask_new_passphrase(context, arguments);
  return store.add_slot(passphrase.view(), {}, context.owners_event());
}

int run_add(Context& context, const Arguments& arguments) {
  const int ways = (arguments.has("key-file") ? 1 : 0) + (arguments.has("passphrase") ? 1 : 0) +
                   (arguments.has("new-passphrase-file") ? 1 : 0);
  if (ways != 1) {
    throw Error(Errc::usage, "say what is to open the store", "one of --passphrase, --new-passphrase-file, --key-file");
  }
  const SlotInfo slot = add(context, context.owners_store(), arguments);
  context.out().line(fmt::format("Added key slot {} ({})", slot.id, to_string(slot.kind)));
  return EXIT_SUCCESS;
}

} // namespace

constinit const Command k_store_key_add{
    .path = "store key add",
    .summary = "Add a key file or a passphrase that opens the store.",
    .details = "It is proved to open the store before it is kept. A store has up to 8 of them.",
    .examples = "caplet store key add --passphrase\n"
                "caplet store key add --key-file /media/usb/caplet.key",
    .options = k_options,
    .run = run_add,
};

} // namespace caplet
