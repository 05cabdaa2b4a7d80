#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace caplet {

class Context;

/// An option of a command. Names as typed, `-n,--name`; the last one is its key in Arguments, without dashes.
struct Option {
  std::string_view names;
  std::string_view value; ///< what the value is called in the help, one of labels(); empty for a flag
  std::string_view help;
  bool repeats = false;        ///< may be given more than once
  std::string_view words = {}; ///< all the values that there are, with commas: others are refused, these completed
};

/// What stands behind a command without a dash.
struct Positional {
  enum class Count : std::uint8_t { one, optional, many, any }; ///< exactly one, none or one, one or more, none or more
  std::string_view name;
  Count count = Count::one;
  std::string_view help;
  std::string_view words = {}; ///< as for an Option
};

/// What was given on the command line, checked against the command's row in the table.
class Arguments {
public:
  bool has(std::string_view option) const { return m_options.contains(option); }
  /// The value of an option; nothing where it was not given.
  std::optional<std::string> value(std::string_view option) const;
  /// All values of an option that repeats.
  std::vector<std::string> values(std::string_view option) const;
  const std::vector<std::string>& positionals() const noexcept { return m_positionals; }

  void set(std::string_view option, std::string value) { m_options[std::string(option)].push_back(std::move(value)); }
  void set_positionals(std::vector<std::string> values) { m_positionals = std::move(values); }
  ~Arguments();
  Arguments() = default;
  Arguments(Arguments&&) = default;
  Arguments& operator=(Arguments&&) = default;
  Arguments(const Arguments&) = delete;
  Arguments& operator=(const Arguments&) = delete;

private:
  std::map<std::string, std::vector<std::string>, std::less<>> m_options;
  std::vector<std::string> m_positionals;
};

/// What a command does with a token that is given to it.
enum class TokenRole : std::uint8_t { none, subject, actor }; ///< looks at it; acts as it

/// One row of the table of commands. The table is the only source for the parser, the help, the manual and completion.
struct Command {
  std::string_view path;     ///< `token create`
  std::string_view aliases;  ///< other paths, with commas: `token revoke,token rm`
  std::string_view summary;  ///< one line, for lists
  std::string_view details;  ///< a paragraph or none
  std::string_view examples; ///< one a line
  std::span<const Positional> positionals;
  std::span<const Option> options;
  std::string_view statuses = {};    ///< its own exit statuses, one a line: `1:something was found`
  std::string_view formats;          ///< what `-o` takes, with commas, the default first; empty: no `-o`
  TokenRole token = TokenRole::none; ///< adds the options that say where a token comes from
  bool opens_store = true;           ///< adds the options that say how a store is unlocked
  bool hidden = false;               ///< for programs: in no help, manual or completion
  bool takes_all_words = false;      ///< its positionals are all words behind it, whatever they look like
  int (*run)(Context& context, const Arguments& arguments) = nullptr; ///< the exit status
};

/// All commands in the order of the help, the hidden ones last.
std::span<const Command* const> commands();

/// A heading of the help and the commands under it, told by their first word.
struct Section {
  std::string_view title;
  std::string_view first_words; ///< with commas
};

/// The headings in order. Every visible command belongs to one.
std::span<const Section> sections();

/// The section of a command; null where its first word was forgotten there.
const Section* section_of(const Command& command);

/// The options that all commands have.
std::span<const Option> global_options();

/// The options of a command in the order of its help.
std::vector<Option> options_of(const Command& command);

/// The parts of a text between commas.
std::vector<std::string_view> split(std::string_view text, char separator = ',');

/// The key of an option in Arguments.
std::string_view key_of(const Option& option);

/// The last of an option's names with its dashes: what messages call it.
std::string_view name_of(const Option& option);

} // namespace caplet
