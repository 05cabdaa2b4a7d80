#pragma once

#include <string>
#include <string_view>

namespace caplet {

/// Names are 1 to 64 characters (code points) of valid UTF-8 without control, bidi, invisible or line-breaking
/// characters (joiners and presentation selectors are none where they shape an emoji, or letters of a script that has
/// need of them: else two names could look the same), without blanks at either end, hold no token, do not start with
/// `-`, and do not look like an id (see looks_like_id in token_string.hpp). Throws Error{usage} that says which rule is
/// broken.
void check_name(std::string_view name);

/// Descriptions, and other texts of one line, are 0 to 256 characters under the same rules for characters. Throws
/// Error{usage}, in which `what` names the text.
void check_description(std::string_view description, std::string_view what = "description");

/// Two spellings of one name (composed, decomposed) are one name: the form by which names are looked up (Unicode NFC).
/// REQUIRES: valid UTF-8; other text is returned as it is.
std::string name_key(std::string_view name);

/// The text, safe to print anywhere: control, bidi and other invisible characters become `\u{1B}`, bytes that are not
/// UTF-8 become `\x{FF}`, and long text is cut. All stored and all outside text passes through here on its way to a
/// screen.
std::string escape(std::string_view text, std::size_t most_characters = 256);

} // namespace caplet
