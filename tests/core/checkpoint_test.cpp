#include "core/checkpoint.hpp"
#include "core/error.hpp"
#include "tests/core/refusal.hpp"

#include <catch2/catch.hpp>

#include <numeric>
#include <string>
#include <vector>

using namespace caplet;
using caplet::test::refusal_of;

namespace {

/// 0, 1, 2, ...
template <typename Array>
Array counting() {
  Array bytes{};
  std::iota(bytes.begin(), bytes.end(), static_cast<unsigned char>(0));
  return bytes;
}

const auto k_seed = counting<Digest>();
const std::string k_name = "caplet/000102030405060708090a0b0c0d0e0f";

// Computed by tests/core/checkpoint_vectors.py, with OpenSSL's Ed25519.
const std::string k_key =
    "caplet/000102030405060708090a0b0c0d0e0f+b446ad0f+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4";
const std::string k_note =
    "caplet/000102030405060708090a0b0c0d0e0f\n"
    "42\n"
    "q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s=\n"
    "\n"
    "\u2014 caplet/000102030405060708090a0b0c0d0e0f "
    "tEatD0W8NZ4dnX1ClOeDC4gZdUEsSXjAnV2AWtNwzHI8TMTk5gzq/1WMiy7yL2N/F5XitDCmXdXflYfdwvtOY7luYgQ=\n";
const std::string k_empty_note =
    "caplet/000102030405060708090a0b0c0d0e0f\n"
    "0\n"
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
    "\n"
    "\u2014 caplet/000102030405060708090a0b0c0d0e0f "
    "tEatD/aVIA7PIfXfz72Ql6oRz5vSbRO897uPkapXyO4IOeybknOkkIkRJVxr8VXBspuiog6xI2voRsVyrLOaoTX05Qk=\n";

Checkpoint example() {
  Checkpoint checkpoint{k_name, 42, {}};
  checkpoint.head.fill(0xab);
  return checkpoint;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

/// What a note is refused with; empty where it is good.
std::string fault_of(const std::string& note) {
  try {
    open_checkpoint(parse_checkpoint(note), audit_key(k_name, k_seed));
  } catch (const Error& e) {
    CHECK(e.code() == Errc::damaged);
    CHECK_FALSE(e.hint().empty());
    return e.what();
  }
  return "";
}

} // namespace

TEST_CASE("a checkpoint is signed as others would sign it", "[checkpoint]") {
  const auto id = counting<std::array<unsigned char, 16>>();
  CHECK(audit_origin(id) == k_name);
  CHECK(to_text(audit_key(k_name, k_seed)) == k_key);
  CHECK(sign_checkpoint(example(), k_seed) == k_note);
  CHECK(sign_checkpoint({k_name, 0, {}}, k_seed) == k_empty_note);
}

TEST_CASE("a checkpoint reads back equal", "[checkpoint]") {
  const AuditKey key = parse_audit_key(k_key);
  CHECK(key == audit_key(k_name, k_seed));
  CHECK(open_checkpoint(parse_checkpoint(k_note), key) == example());
  CHECK(open_checkpoint(parse_checkpoint(k_empty_note), key) == Checkpoint{k_name, 0, {}});
}

TEST_CASE("signatures of others are passed over", "[checkpoint]") {
  const std::string other = "\u2014 witness.example/w AAAAAAEC\n";
  CHECK(fault_of(k_note + other).empty());
  const auto blank = k_note.find("\n\n") + 2;
  CHECK(fault_of(k_note.substr(0, blank) + other + k_note.substr(blank)).empty());
  CHECK(fault_of(k_note.substr(0, blank) + other) == "the checkpoint is not signed by the key of this log");
  std::string many = k_note;
  for (int i = 0; i < 15; ++i) {
    many += other;
  }
  CHECK(fault_of(many).empty());
  CHECK(fault_of(many + other) == "this is no checkpoint of an audit log: it has too many signatures");
}

TEST_CASE("a checkpoint of another store or by another key is refused", "[checkpoint]") {
  const std::string name = "caplet/ff0102030405060708090a0b0c0d0e0f";
  CHECK(fault_of(sign_checkpoint({name, 42, {}}, k_seed)) == "the checkpoint is another store's");
  Digest seed = k_seed;
  seed[0] = 1;
  CHECK(fault_of(sign_checkpoint(example(), seed)) == "the checkpoint is not signed by the key of this log");
  CHECK(fault_of(replaced(k_note, "\n42\n", "\n43\n")) == "the checkpoint was changed after it was signed");
}

TEST_CASE("no byte of a checkpoint can be changed, dropped or doubled", "[checkpoint]") {
  for (std::size_t at = 0; at < k_note.size(); ++at) {
    CAPTURE(at);
    std::string note = k_note;
    note.erase(at, 1);
    CHECK_FALSE(fault_of(note).empty());
    note = k_note;
    note.insert(at, 1, k_note[at]);
    CHECK_FALSE(fault_of(note).empty());
    CHECK_FALSE(fault_of(k_note.substr(0, at)).empty());
    for (int bit = 0; bit < 8; ++bit) {
      note = k_note;
      note[at] = static_cast<char>(static_cast<unsigned char>(note[at]) ^ (1U << static_cast<unsigned>(bit)));
      CHECK_FALSE(fault_of(note).empty());
    }
  }
}

TEST_CASE("what is no checkpoint is refused in words", "[checkpoint]") {
  const std::string is_none = "this is no checkpoint of an audit log: ";
  CHECK(fault_of("") == is_none + "its first line does not name the store of a caplet");
  CHECK(fault_of("example.com/log\n1\n\n") == is_none + "its first line does not name the store of a caplet");
  CHECK(fault_of(replaced(k_note, "\n42\n", "\n042\n")) == is_none + "its second line is not the number of events");
  CHECK(fault_of(replaced(k_note, "\n42\n", "\n-1\n")) == is_none + "its second line is not the number of events");
  CHECK(fault_of(replaced(k_note, "\n42\n", "\n9223372036854775808\n")) ==
        is_none + "its second line is not the number of events");
  CHECK(fault_of(replaced(k_note, "=\n\n", "\n\n")) == is_none + "its third line is not a hash in base64");
  CHECK(fault_of(replaced(k_note, "\n\n", "\nmore\n\n")) == is_none + "its fourth line is not empty");
  CHECK(fault_of(replaced(k_note, "\u2014", "-")) == is_none + "a signature line is not as it should be");
  CHECK(fault_of(k_note.substr(0, k_note.find("\n\n") + 2)) == is_none + "it has no signature");
  CHECK(fault_of(k_note + "\u2014") == is_none + "its last line has no end");
  CHECK(fault_of(k_note + "\u2014 a\x1b AAAAAAEC\n") == is_none + "a signature line is not as it should be");
  CHECK(fault_of(k_note + "\u2014 a+b AAAAAAEC\n") == is_none + "a signature line is not as it should be");
}

TEST_CASE("a key that is written in another way is none", "[checkpoint]") {
  const std::string why = "is not the key of an audit log";
  const auto refused = [&](const std::string& text) {
    const std::string message = refusal_of([&] { parse_audit_key(text); });
    return message.size() > why.size() && message.substr(message.size() - why.size()) == why;
  };
  CHECK(refused(""));
  CHECK(refused("caplet/x+00000000+AAAA"));
  CHECK(refused("\x1b[31m"));
  CHECK(refused(k_key + "\n"));
  CHECK(refused(k_key + "="));
  for (std::size_t at = 0; at < k_key.size(); ++at) {
    CAPTURE(at);
    std::string text = k_key;
    text[at] = text[at] == 'x' ? 'y' : 'x';
    CHECK(refused(text));
    CHECK(refused(k_key.substr(0, at)));
  }
}
