"""The defences of caplet, each with a way to break it and the test that must notice.

`find` is a piece of `file` that stands there exactly once; `replace` takes its place. `test` is the narrowest test that
goes red: a test program and one of its cases, ("script", NAME) for a transcript, or ("format",) for the reader of
FORMAT.md.
"""
from collections import namedtuple

Mutant = namedtuple("Mutant", "name file find replace test")

AUTHORITY = "core/authority.cpp"
AUDIT = "store/audit_chain.cpp"
DATABASE = "store/database.cpp"
FILES = "store/files.cpp"
RECORDS = "store/record_table.cpp"
STORE = "store/sealed_store.cpp"

SURGERY = ("store", "row surgery is found when the store is opened")
LARGE = ("store", "in a large store, each part of a record is bound to its content")
ORDER = ("store", "the order of the checks")
CHECK = ("store", "the check names each problem and where it is")
SLOTS = ("store", "a change of the key slots is found")


def script(name):
    return ("script", name)


MUTANTS = [
    # Token strings and texts
    Mutant("token-checksum", "core/token_string.cpp", "if (!std::equal(check.begin(), check.end(), expected.begin()))",
           "if (check.empty())", ("core", "the checksum catches every changed character*")),
    Mutant("redact-nothing", "core/token_string.cpp", "    if (is_head(text, i)) {\n      out +=",
           "    if (i > text.size()) {\n      out +=", ("core", "a token in a text does not come out again")),
    Mutant("redact-no-drawn-run", "core/token_string.cpp", "looks_drawn(run) ? k_redacted : run", "run",
           ("core", "a token in a text does not come out again")),
    Mutant("escape-lets-controls-through", "core/text.cpp", "? Harm::line_break : Harm::control;",
           "? Harm::line_break : Harm::none;", ("core", "escaped text holds no harm and keeps all else")),
    Mutant("escape-lets-bidi-through", "core/text.cpp", "               ? Harm::bidi\n", "               ? Harm::none\n",
           ("core", "names that are refused, each for its reason")),
    Mutant("token-as-a-name", "core/text.cpp", "  if (holds_token(text)) {", "  if (text.size() > 9999) {",
           ("core", "names that are refused, each for its reason")),
    Mutant("id-as-a-name", "core/text.cpp", "  if (looks_like_id(name)) {", "  if (name.size() > 9999) {",
           ("core", "names that are refused, each for its reason")),
    Mutant("one-name-two-spellings", STORE, ".text(name_key(name))", ".text(name)",
           ("store", "a name belongs to one live token")),
    # Who may do what
    Mutant("any-secret", AUTHORITY, "  if (!token || !matches) {", "  if (!token) {", ORDER),
    Mutant("any-prefix", AUTHORITY, "  if (parts.prefix != m_store.info().prefix) {", "  if (parts.prefix.empty()) {", ORDER),
    Mutant("revoked-is-active", "core/token.cpp", "  if (token.revoked_at) {", "  if (false) {", ORDER),
    Mutant("expired-a-moment-later", "core/token.cpp", "*token.expires_at <= now", "*token.expires_at < now", ORDER),
    Mutant("expired-wins-over-revoked", "core/token.cpp", "  if (token.revoked_at) {",
           "  if (token.revoked_at && !(token.expires_at && *token.expires_at <= now)) {", ORDER),
    Mutant("invalid-token-acts", AUTHORITY, "  if (!verdict.valid()) {\n    throw Error(Errc::rejected",
           "  if (!verdict.token) {\n    throw Error(Errc::rejected",
           ("store", "a token acts for its account, and one that is not valid for nobody")),
    Mutant("scoped-token-manages", AUTHORITY, "  if (!actor.may_manage) {", "  if (false) {",
           ("store", "a scoped token manages nothing")),
    Mutant("scoped-token-is-personal", AUTHORITY, "self.kind == TokenKind::pat, os_uid}", "true, os_uid}",
           ("store", "a scoped token acts as one")),
    Mutant("prefix-deletes", AUTHORITY, "  if (!accept_prefix) {", "  if (false) {",
           ("store", "a token is found by id, name or prefix, and never by chance")),
    Mutant("no-event-of-revoking", AUTHORITY, "  change->append(entry);\n", "",
           ("store", "every change has its event, with who did it to what")),
    Mutant("no-event-of-minting", AUTHORITY, '  change->append(event(actor, action_of(token.kind, "mint"), token));\n', "",
           ("store", "every change has its event, with who did it to what")),
    Mutant("use-of-an-invalid-token", AUTHORITY, "    if (!verdict.valid() || !stale(", "    if (!verdict.token || !stale(",
           ("store", "the last use is stamped once a minute, for valid tokens alone")),
    Mutant("use-ahead-of-the-clock", AUTHORITY, " || now < *last;", ";",
           ("store", "the last use is stamped once a minute, for valid tokens alone")),
    # Files
    Mutant("others-may-reach-files", FILES, "(status.st_mode & 077U) != 0", "(status.st_mode & 0U) != 0", script("unsafe_files")),
    Mutant("others-may-write-directory", FILES, "(status.st_mode & 022U) != 0", "(status.st_mode & 0U) != 0",
           script("unsafe_files")),
    Mutant("key-behind-a-link", FILES, "O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK", "O_RDONLY | O_CLOEXEC | O_NONBLOCK",
           script("unsafe_files")),
    Mutant("store-behind-a-link", FILES, "::lstat(path.c_str(), &status)", "::stat(path.c_str(), &status)",
           script("unsafe_files")),
    Mutant("any-kind-of-file", FILES, "  if (!S_ISREG(status.st_mode)) {", "  if (false) {", script("unsafe_files")),
    Mutant("hard-links", FILES, "  if (status.st_nlink != 1) {", "  if (status.st_nlink == 0) {", script("unsafe_files")),
    Mutant("files-of-another-user", FILES, "  if (!owned) {", "  if (false) {", script("other_user")),
    Mutant("directory-of-another-user", FILES, "  if (status.st_uid != geteuid() && status.st_uid != 0) {", "  if (false) {",
           script("other_user")),
    Mutant("no-umask", "cli/process.cpp", "  ::umask(077);\n", "", script("unsafe_files")),
    Mutant("rename-over-a-file", FILES, "RENAME_NOREPLACE", "0", ("store", "a new file never takes another's place")),
    Mutant("key-file-checksum", "store/key_file.cpp", " && crc == expected;", " && (crc == expected || text.size() == k_file_size);",
           ("store", "one flipped bit in every byte of the key file is refused")),
    Mutant("lock-file-unchecked", "store/file_lock.cpp", '  check_private_file(path, "the lock file");\n}', "}", script("permissions")),
    Mutant("key-directory-unchecked", "store/open_store.cpp", "  check_directory(location.key.parent_path());\n", "",
           script("permissions")),
    Mutant("new-directory-unchecked", "store/open_store.cpp",
           "  make_private_directory(location.store.parent_path());\n  const Location real = resolved(location);\n"
           "  check_directory(real.store.parent_path());\n",
           "  make_private_directory(location.store.parent_path());\n  const Location real = resolved(location);\n",
           script("permissions")),
    Mutant("key-behind-a-link-in-its-way", FILES, "  ::unlink(temporary.path.c_str());", "  //", script("permissions")),
    Mutant("store-behind-a-link-in-its-way", "store/open_store.cpp",
           "  ::unlink(path.c_str());\n  ::unlink((path.string() + \"-journal\").c_str());\n  const Fd", "  const Fd",
           script("permissions")),
    Mutant("directories-for-all", FILES, "k_private_directory = 0700", "k_private_directory = 0777",
           ("store", "what is made is private by itself, under any umask")),
    Mutant("lock-file-for-all", "store/file_lock.cpp", "O_NOFOLLOW | O_NONBLOCK, 0600", "O_NOFOLLOW | O_NONBLOCK, 0666",
           ("store", "what is made is private by itself, under any umask")),
    Mutant("files-for-all", FILES, "k_private_file = 0600", "k_private_file = 0666",
           ("store", "what is made is private by itself, under any umask")),
    Mutant("store-for-all", "store/open_store.cpp", "O_CLOEXEC | O_NOFOLLOW, 0600", "O_CLOEXEC | O_NOFOLLOW, 0666",
           ("store", "what is made is private by itself, under any umask")),
    # The process
    Mutant("argv-not-wiped", "cli/process.cpp", "redact_tokens(word) != word) {\n      hide(argv[i]);",
           "redact_tokens(word) != word) {", script("process")),
    Mutant("argv-next-word-not-wiped", "cli/process.cpp", '(is_token && word != "-") || ', "", script("process")),
    Mutant("argv-long-option-not-wiped", "cli/process.cpp", '      hide(argv[i] + std::string_view("--token=").size());\n', "      ;\n",
           script("process")),
    Mutant("argv-short-option-not-wiped", "cli/process.cpp", "      hide(argv[i] + t + 1);\n", "", script("process")),
    Mutant("environment-not-wiped", "cli/process.cpp", "  hide(value);\n", "", script("process")),
    Mutant("dumpable", "cli/process.cpp", "PR_SET_DUMPABLE, 0,", "PR_SET_DUMPABLE, 1,", script("other_user")),
    Mutant("core-dumps", "cli/process.cpp", "  ::setrlimit(RLIMIT_CORE, &none);\n", "", script("process")),
    Mutant("set-uid", "cli/process.cpp", "::getauxval(AT_SECURE) != 0", "false", script("other_user")),
    Mutant("empty-token-variable-is-none", "cli/app.cpp", "      return token;\n",
           "      return token && token->empty() ? std::nullopt : token;\n", script("token_sources")),
    Mutant("message-with-a-token", "cli/context.cpp", "redact_tokens(message)", "message", script("token_sources")),
    Mutant("token-without-a-reader", "cli/commands/token_create.cpp",
           "  } catch (const BrokenPipe&) {\n    authority.withdraw(actor, issued.token);\n", "  } catch (const BrokenPipe&) {\n",
           script("streams")),
    Mutant("token-that-was-not-shown", "cli/commands/token_create.cpp",
           "  } catch (const Error& e) {\n    authority.withdraw(actor, issued.token);\n", "  } catch (const Error& e) {\n",
           script("streams")),
    Mutant("token-on-a-closed-stream", "cli/commands/token_create.cpp", "  context.out().require_writable();", "  //",
           script("streams")),
    # The store as a whole
    Mutant("newer-format", DATABASE, "header.user_version() > k_schema_version", "false",
           ("store", "a newer format is refused in words of its own")),
    Mutant("write-ahead-log", DATABASE, "  if (header.uses_wal()) {", "  if (false) {", SURGERY),
    Mutant("foreign-file", DATABASE, "  if (!header.is_ours()) {", "  if (false) {", SURGERY),
    Mutant("schema", "store/schema.cpp", "query.text(1) != definition.sql", "false", SURGERY),
    Mutant("schema-with-more", "store/schema.cpp", "  if (query.step()) {\n    throw", "  if (false) {\n    throw", SURGERY),
    Mutant("slot-commitment", "store/key_slot.cpp", "same_bytes(derived.commitment(), slot.commitment) &&", "", SLOTS),
    Mutant("slot-digest", STORE, "  if (digest_of(m_keys, slots) != m_state.slots) {", "  if (false) {", SLOTS),
    Mutant("small-store-check", STORE, "opening == Opening::strict && m_state.records <= k_small_store &&",
           "opening == Opening::strict && m_state.records == 0 &&", SURGERY),
    Mutant("state-regression", STORE, "  if (state.commit < m_state.commit) {", "  if (false) {",
           ("store", "while it is open, a store is not taken back to an older state")),
    Mutant("writers-do-not-exclude", "store/file_lock.cpp", "LOCK_SH : LOCK_EX", "LOCK_SH : LOCK_SH", script("together")),
    # Records
    Mutant("record-without-store", RECORDS, "      .bytes(place.store)\n", "", ("format",)),
    Mutant("record-without-kind", RECORDS, "      .number(static_cast<std::uint64_t>(kind))\n      .text(id)", "      .text(id)",
           LARGE),
    Mutant("record-without-id", RECORDS, "      .text(id)\n", "", LARGE),
    Mutant("record-without-seq", RECORDS, "      .number(static_cast<std::uint64_t>(seq))\n", "", LARGE),
    Mutant("record-without-revision", RECORDS, "      .number(static_cast<std::uint64_t>(revision))\n", "", LARGE),
    Mutant("record-without-name", RECORDS, "      .bytes(name)\n", "", LARGE),
    Mutant("record-of-any-epoch", RECORDS, "query.number(4) == static_cast<std::int64_t>(m_place.epoch) &&", "", LARGE),
    Mutant("record-of-any-kind", RECORDS, "  return record.kind == kind ? std::optional(record) : std::nullopt;",
           "  return record;", ("store", "an id of another kind of record is no token")),
    Mutant("tally", RECORDS, "return count == state.records && tally == state.tally;", "return count == state.records;",
           ("store", "a revoked token does not come back with its old row")),
    Mutant("tally-of-an-update", RECORDS,
           "  toggle(state.tally, tally_of(m_keys, number, id, static_cast<std::uint64_t>(revision), tag_of(sealed)));\n", "",
           ("store", "a token lives: minted, found, verified, revoked, refused")),
    Mutant("indexes", RECORDS, 'if (!integrity.step() || integrity.text(0) != "ok") {', "if (!integrity.step()) {",
           ("store", "an index that leads elsewhere, behind an unchanged schema, is found")),
    # The audit log
    Mutant("event-without-seq", AUDIT, 'parts.text("caplet/event/v1").bytes(place.store).number(seq)',
           'parts.text("caplet/event/v1").bytes(place.store)', ("store", "an event in another's place is not read")),
    Mutant("event-not-authentic", AUDIT, "    if (!event) {\n", "    if (false) {\n",
           ("store", "a damaged event is not passed over when the log is read")),
    Mutant("link", AUDIT, "    if (!same_bytes(link_of(", "    if (false && !same_bytes(link_of(", CHECK),
    Mutant("events-missing", AUDIT, "    if (seq != expected) {", "    if (false) {", CHECK),
    Mutant("events-cut-off", AUDIT, "  if (expected != state.events + 1 || head != state.audit_head) {", "  if (false) {", CHECK),
]
