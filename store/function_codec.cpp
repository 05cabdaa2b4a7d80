#include "store/function_codec.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace caplet {
namespace {

/// Parts with their lengths before them, as in `LP`.
void encode_texts(FieldWriter& out, std::uint8_t tag, const std::vector<std::string>& texts) {
  Parts parts;
  for (const std::string& text : texts) {
    parts.text(text);
  }
  out.bytes(tag, parts.view());
}

std::vector<ByteView> decode_parts(ByteView all, std::size_t most) {
  constexpr std::size_t k_length = 4;
  std::vector<ByteView> parts;
  while (!all.empty()) {
    if (all.size() < k_length || parts.size() == most) {
      throw_malformed_record();
    }
    std::size_t length = 0;
    for (std::size_t i = 0; i < k_length; ++i) {
      length |= static_cast<std::size_t>(all[i]) << (8 * i);
    }
    all = all.subspan(k_length);
    if (length > all.size()) {
      throw_malformed_record();
    }
    parts.push_back(all.first(length));
    all = all.subspan(length);
  }
  return parts;
}

std::vector<std::string> decode_texts(ByteView all) {
  std::vector<std::string> texts;
  for (const ByteView part : decode_parts(all, Function::k_most_variables)) {
    texts.emplace_back(as_text(part));
  }
  return texts;
}

void encode_revision(FieldWriter& out, const FunctionRevision& revision) {
  out.number(1, revision.number);
  out.bytes(2, revision.sha256);
  out.number(3, revision.size);
  out.time(4, revision.created_at);
  out.text(5, revision.created_by);
}

FunctionRevision decode_revision(ByteView content) {
  FieldReader in(content);
  FunctionRevision revision;
  revision.number = in.number(1);
  revision.sha256 = in.digest(2);
  revision.size = in.number(3);
  revision.created_at = in.time(4);
  revision.created_by = in.text(5);
  in.done();
  return revision;
}

void encode_settings(FieldWriter& out, const FunctionSettings& settings) {
  out.text(5, settings.description);
  out.text(6, settings.interpreter);
  out.bytes(7, settings.interpreter_sha256 ? ByteView(*settings.interpreter_sha256) : ByteView());
  out.number(8, static_cast<std::uint64_t>(settings.timeout.count()));
  encode_texts(out, 9, settings.environment);
  encode_texts(out, 10, settings.passed);
  out.number(11, settings.most_output);
  out.text(12, settings.directory);
}

FunctionSettings decode_settings(FieldReader& in) {
  FunctionSettings settings;
  settings.description = in.text(5);
  settings.interpreter = in.text(6);
  if (const ByteView digest = in.value(7); !digest.empty()) {
    settings.interpreter_sha256.emplace();
    if (digest.size() != settings.interpreter_sha256->size()) {
      throw_malformed_record();
    }
    std::copy(digest.begin(), digest.end(), settings.interpreter_sha256->begin());
  }
  const std::uint64_t timeout = in.number(8);
  if (timeout > std::uint64_t{std::numeric_limits<std::int32_t>::max()}) {
    throw_malformed_record();
  }
  settings.timeout = std::chrono::seconds(timeout);
  settings.environment = decode_texts(in.value(9));
  settings.passed = decode_texts(in.value(10));
  settings.most_output = in.number(11);
  settings.directory = in.text(12);
  return settings;
}

} // namespace

void encode(FieldWriter& out, const Function& function) {
  out.text(1, function.account);
  out.text(2, function.name);
  FieldWriter revision;
  encode_revision(revision, function.revision);
  out.bytes(3, revision.view());
  Parts earlier;
  for (const FunctionRevision& each : function.earlier) {
    FieldWriter one;
    encode_revision(one, each);
    earlier.bytes(one.view());
  }
  out.bytes(4, earlier.view());
  encode_settings(out, function.settings);
}

Function decode_function(std::string_view id, ByteView content) {
  FieldReader in(content);
  Function function;
  function.id = id;
  function.account = in.text(1);
  function.name = in.text(2);
  function.revision = decode_revision(in.value(3));
  for (const ByteView each : decode_parts(in.value(4), Function::k_most_earlier)) {
    function.earlier.push_back(decode_revision(each));
  }
  function.settings = decode_settings(in);
  in.done();
  return function;
}

std::string body_id(std::string_view function_id) { return fmt::format("{}.body", function_id); }

void encode_body(FieldWriter& out, ByteView body) { out.bytes(1, body); }

Bytes decode_body(ByteView content) {
  FieldReader in(content);
  const ByteView body = in.value(1);
  in.done();
  return {body.begin(), body.end()};
}

void encode(FieldWriter& out, const Credential& credential) {
  out.text(1, credential.profile);
  out.bytes(2, credential.token.view());
  out.time(3, credential.kept_at);
}

Credential decode_credential(std::string_view id, ByteView content) {
  FieldReader in(content);
  Credential credential;
  credential.id = id;
  credential.profile = in.text(1);
  credential.token = Secret(in.value(2));
  credential.kept_at = in.time(3);
  in.done();
  return credential;
}

} // namespace caplet
