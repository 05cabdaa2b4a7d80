#include "cli/completion_scripts.hpp"

namespace caplet {
namespace {

constexpr std::string_view k_bash = R"script(# caplet's completion for bash. Made by ./dev gen: do not edit.
# All that it knows, it asks of caplet: `caplet __complete WORD...`.

_caplet() {
  local rest=${COMP_LINE:0:COMP_POINT} trimmed piece line value directive='' raw i
  local -a words=() starts=() plain=() values=() texts=()
  COMPREPLY=()
  # bash takes words apart at = and : as well; put them together again.
  for ((i = 0; i <= COMP_CWORD; i++)); do
    trimmed=${rest#"${rest%%[![:space:]]*}"}
    if ((i == COMP_CWORD)); then piece=$trimmed; else piece=${COMP_WORDS[i]}; fi
    if ((i > 0 && ${#trimmed} == ${#rest})); then words[-1]+=$piece; else words+=("$piece") starts+=("$i"); fi
    rest=${trimmed#"$piece"}
  done
  raw=${words[-1]}
  for piece in "${words[@]:1}"; do
    case $piece in
      [\"\']*) piece=${piece#?} && piece=${piece%[\"\']} ;;
      *) piece=${piece//\\/} ;;
    esac
    plain+=("$piece")
  done
  while IFS= read -r line; do
    value=${line%%$'\t'*}
    if [[ -z $value ]]; then
      directive=${line#*$'\t'}
    else
      values+=("$value")
      texts+=("${line#*$'\t'}")
    fi
  done < <("${1/#\~/$HOME}" __complete "${plain[@]}" 2>/dev/null)
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
  # What stands before the last = or : is not bash's to replace.
  local kept=''
  if [[ $raw != [\"\']* ]]; then
    kept=${raw##*[=:]}
    kept=${raw:0:${#raw}-${#kept}}
  fi
  for value in "${values[@]}"; do
    [[ $raw == [\"\']* ]] || printf -v value '%q' "$value"
    COMPREPLY+=("${value#"$kept"}")
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
