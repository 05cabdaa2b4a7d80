#pragma once

#include "core/event.hpp"
#include "core/token.hpp"
#include "store/codec.hpp"

#include <string>
#include <string_view>

namespace caplet {

/// The content of each kind of record, as FORMAT.md lists it. The id is not part of it: it stands beside the sealed
/// content and is authenticated with it. All decode functions throw Error{damaged}.

void encode(FieldWriter& out, const Token& token);
Token decode_token(std::string_view id, ByteView content);

void encode(FieldWriter& out, const Account& account);
Account decode_account(std::string_view id, ByteView content);

void encode(FieldWriter& out, const Event& event);
Event decode_event(ByteView content);

} // namespace caplet
