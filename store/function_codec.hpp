#pragma once

#include "core/credential.hpp"
#include "core/function.hpp"
#include "store/codec.hpp"

#include <string>
#include <string_view>

namespace caplet {

/// The contents of functions and credentials, as FORMAT.md lists them; the rules of record_codec.hpp.

void encode(FieldWriter& out, const Function& function);
Function decode_function(std::string_view id, ByteView content);

void encode_body(FieldWriter& out, ByteView body);
Bytes decode_body(ByteView content);
/// The id of the record that holds a function's body.
std::string body_id(std::string_view function_id);

void encode(FieldWriter& out, const Credential& credential);
Credential decode_credential(std::string_view id, ByteView content);

} // namespace caplet
