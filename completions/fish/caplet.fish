# caplet's completion for fish. Made by ./dev gen: do not edit.
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
