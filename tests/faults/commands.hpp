#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace caplet::test {

/// What is there before a command runs.
struct Before {
  std::filesystem::path home;
  std::map<std::string, std::string, std::less<>> tokens;           ///< those acknowledged, by name
  std::map<std::string, std::string, std::less<>> words = {};       ///< other words of commands, by name
  std::map<std::string, std::string, std::less<>> environment = {}; ///< what the command gets besides
};

/// A command that changes the store, and how one sees whether it did. A word `$HOME` is the store's directory, `$NAME`
/// the token of the name NAME.
struct Command {
  std::string_view words;
  void (*start)(Before&);
  std::string_view proof;      ///< a command without a fault, afterwards;
  std::string_view done;       ///< the change is there where it ends well and this regular expression is in its output
  std::string_view input;      ///< standard input of the command
  bool is_best_effort = false; ///< it may end well with its change left out
  bool (*look)(const Before&) = nullptr; ///< instead of `proof`: whether the change is there; events are not counted.
                                         ///< Many threads call it: no assertions, it throws where something is wrong
  std::string_view takes_token;          ///< the token of this name is not valid any more once it is done
  bool hands_over = false;               ///< and the one that it prints takes its place: one of them is always valid
  bool tells_before = false;             ///< what it prints counts only where it ends well
  int succeeds = 0;                      ///< the exit status of it when it ends well
  std::string_view admits = {};          ///< it ends well all the same where it says this: that something at its end
                                         ///< could not be written
};

/// The table. A new command is a row here; every test of this folder then runs it.
const std::vector<Command>& commands();

std::vector<std::string> expand(std::string_view words, const Before& before);

} // namespace caplet::test
