#include "cli/completion_scripts.hpp"

namespace caplet {
namespace {

constexpr std::string_view k_bash = R"script(# caplet's completion for bash. Made by ./dev gen: do not edit.
# All that it knows, it asks of caplet: `caplet __complete WORD...`.

# What a word says without its quoting (plain), the quote that is open at its end, and how many characters of plain
# stand before what readline replaces: the text behind an open quote, else behind a character that breaks words.
_caplet_read_word() {
  local word=$1 char i opened=0 broken=0
  plain='' quote=''
  for ((i = 0; i < ${#word}; i++)); do
    char=${word:i:1}
    case $quote$char in
      \" | \') quote=$char opened=${#plain} ;;
      '""' | "''") quote='' ;;
      \\) i=$((i + 1)) plain+=${word:i:1} ;;
      \"\\)
        [[ ${word:i+1:1} == [\"\\\$\`] ]] && i=$((i + 1))
        plain+=${word:i:1}
        ;;
      @) broken=${#plain} plain+=$char ;; # readline leaves it to what follows
      ?)
        plain+=$char
        [[ $COMP_WORDBREAKS == *"$char"* ]] && broken=${#plain}
        ;;
      *) plain+=$char ;;
    esac
  done
  if [[ -n $quote ]]; then kept=$opened; else kept=$broken; fi
}

# The text as it is typed behind that quote, or without one: a word, whatever is in it, and never a command.
_caplet_quoted() {
  local text=$1 char i
  if [[ -z $quote ]]; then
    quoted=''
    [[ -z $text ]] || printf -v quoted '%q' "$text"
    return
  fi
  quoted=$text
  if [[ $text == *[\"\\\$\`\!\']* ]]; then
    quoted=''
    for ((i = 0; i < ${#text}; i++)); do
      char=${text:i:1}
      case $quote$char in
        \"[\"\\\$\`]) quoted+=\\$char ;;
        '"!') quoted+="\"'!'\"" ;; # in double quotes nothing keeps bash from looking into its history
        "''") quoted+="'\\''" ;;
        *) quoted+=$char ;;
      esac
    done
  fi
  [[ $quoted != *"$quote" ]] || quoted+=$quote # readline takes one at the end for the one that closes
}

_caplet() {
  local rest=${COMP_LINE:0:COMP_POINT} trimmed piece line value directive='' plain quote kept quoted i
  local -a words=() starts=() said=() values=() texts=()
  COMPREPLY=()
  # bash takes words apart at = and : as well; put them together again.
  for ((i = 0; i <= COMP_CWORD; i++)); do
    trimmed=${rest#"${rest%%[![:space:]]*}"}
    if ((i == COMP_CWORD)); then piece=$trimmed; else piece=${COMP_WORDS[i]}; fi
    if ((i > 0 && ${#trimmed} == ${#rest})); then words[-1]+=$piece; else words+=("$piece") starts+=("$i"); fi
    rest=${trimmed#"$piece"}
  done
  for piece in "${words[@]:1}"; do
    _caplet_read_word "$piece"
    said+=("$plain")
  done
  while IFS= read -r line; do
    value=${line%%$'\t'*}
    if [[ -z $value ]]; then
      directive=${line#*$'\t'}
    else
      values+=("$value")
      texts+=("${line#*$'\t'}")
    fi
  done < <("${1/#\~/$HOME}" __complete "${said[@]}" 2>/dev/null)
  case $directive in
    files) compopt -o default ;;
    directories) compopt -o dirnames ;;
    command\ *)
      if declare -F _command_offset >/dev/null; then
        _command_offset "${starts[${directive#* } + 1]}"
      else
        compopt -o bashdefault -o default
      fi
      return
      ;;
  esac
  if ((${#values[@]} > 1)) && [[ $COMP_TYPE == 63 ]]; then # a list to look at: with what each means
    local widest=0
    for value in "${values[@]}"; do
      ((${#value} > widest)) && widest=${#value}
    done
    for i in "${!values[@]}"; do
      printf -v line '%-*s  %s' "$widest" "${values[i]}" "${texts[i]}"
      printf -v line '%-*s' "$((COLUMNS - 2))" "${line:0:COLUMNS-2}"
      COMPREPLY+=("$line")
    done
    compopt -o nosort 2>/dev/null
    return
  fi
  for value in "${values[@]}"; do
    _caplet_quoted "${value:kept}"
    COMPREPLY+=("$quoted")
  done
}

complete -F _caplet caplet
)script";

constexpr std::string_view k_zsh = R"script(#compdef caplet
# caplet's completion for zsh. Made by ./dev gen: do not edit.
# All that it knows, it asks of caplet: `caplet __complete WORD...`.

_caplet() {
  local line value directive
  local -a before candidates
  before=("${(@Q)words[2,CURRENT-1]}")
  while IFS= read -r line; do
    value=${line%%$'\t'*}
    if [[ -z $value ]]; then
      directive=${line#*$'\t'}
    else
      candidates+=("${${value//\\/\\\\}//:/\\:}:${line#*$'\t'}")
    fi
  done < <("${(Q)~words[1]}" __complete "${before[@]}" "${(Q)PREFIX}" 2>/dev/null)
  case $directive in
    files)
      [[ $PREFIX == --*=* ]] && compset -P '*='
      _files
      ;;
    directories)
      [[ $PREFIX == --*=* ]] && compset -P '*='
      _files -/
      ;;
    command\ *)
      shift $((${directive#* } + 1)) words
      ((CURRENT -= ${directive#* } + 1))
      _normal
      return
      ;;
  esac
  (($#candidates)) && _describe -V caplet candidates
}

if [[ $funcstack[1] == _caplet ]]; then # autoloaded, from fpath
  _caplet "$@"
else
  compdef _caplet caplet
fi
)script";

constexpr std::string_view k_fish = R"script(# caplet's completion for fish. Made by ./dev gen: do not edit.
# All that it knows, it asks of caplet: `caplet __complete WORD...`.

function __caplet_complete
    set -l words (commandline -opc)
    set -l program $words[1]
    set -e words[1]
    set -l current (commandline -ct)
    set -l plain (string unescape -- $current 2>/dev/null; or string trim --left --chars '"\'' -- $current)
    for line in ($program __complete $words "$plain" 2>/dev/null)
        set -l parts (string split --max 1 \t -- $line)
        if test -n "$parts[1]"
            echo $line
            continue
        end
        switch $parts[2]
            case files directories
                # Of --option=path, fish wants the whole word.
                set -l option (string match --regex '^--[^=]*=' -- $current)
                set -l path (string replace --regex '^--[^=]*=' '' -- $current)
                set -l of_path __fish_complete_path
                test $parts[2] = directories; and set of_path __fish_complete_directories
                for each in ($of_path "$path" '')
                    printf '%s%s\n' "$option" $each
                end
            case 'command *'
                # The other program's words, from its name on; the last is being typed.
                set -l first (math (string split ' ' -- $parts[2])[2] + 1)
                set -l command_line
                test $first -le (count $words); and set command_line (string escape -- $words[$first..-1])
                complete --do-complete (string join ' ' -- $command_line "$current")
        end
    end
end

complete --command caplet --no-files --keep-order --arguments '(__caplet_complete)'
)script";

} // namespace

const std::vector<ShellCompletion>& shell_completions() {
  static const std::vector<ShellCompletion> all{
      {"bash", "caplet", "bash-completion/completions", k_bash},
      {"zsh", "_caplet", "zsh/site-functions", k_zsh},
      {"fish", "caplet.fish", "fish/completions", k_fish},
  };
  return all;
}

std::vector<GeneratedFile> completion_files() {
  std::vector<GeneratedFile> files;
  for (const ShellCompletion& each : shell_completions()) {
    files.push_back({std::string(each.shell) + "/" + std::string(each.file), std::string(each.script)});
  }
  return files;
}

} // namespace caplet
