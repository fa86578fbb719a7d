# Completion for fish: tasks, commands, flags and choices, where a command line names tasks.ts or wfg.
#
#   npx tsx tasks.ts completion fish > ~/.config/fish/conf.d/wfg.fish
#
# It serves every folder that has a tasks.ts: `npx tsx tasks.ts`, `tsx tasks.ts`, `node … tasks.ts`, `deno run … tasks.ts`
# and `wfg`. Other completions of npx, tsx, node and deno stay. Pressing Tab runs that tasks.ts, and for flags imports the
# script; it never runs npx, which could install something, nor what other users may have written.

# Prints the place of tasks.ts, wfg.mjs or wfg among the words before the cursor; fails where there is none.
function __wfg_entry
    set -l words (commandline -opc)
    for index in (seq (count $words))
        switch (string replace -r '^.*/' '' -- $words[$index])
            case tasks.ts wfg.mjs
                echo $index
                return 0
            case wfg
                if test $index -le 2
                    echo $index
                    return 0
                end
        end
    end
    return 1
end

function __wfg_complete
    set -l entry (__wfg_entry); or return
    set -l words (commandline -opc)
    set -l current (commandline -ct | string unescape)
    set -l call (string replace -r '^~/' "$HOME/" -- $words[1..$entry])
    set -l file $call[-1]
    set -l folder .
    string match -q '*/*' -- $file; and set folder (string replace -r '/[^/]*$' '' -- $file)
    if test (string replace -r '^.*/' '' -- $call[1]) = npx
        set call tsx $file
        test $file = wfg; and set call wfg
        for bin in node_modules/.bin $folder/node_modules/.bin
            set -l program $bin/$call[1]
            if test -x $program
                set call[1] ./$program
                string match -q '/*' -- $program; and set call[1] $program
                break
            end
        end
        # Not the program of that name that may be on PATH.
        string match -q '*/*' -- $call[1]; or return
    end
    sh -c 'IS_TRUSTED' sh . node_modules $folder $folder/{node_modules,package.json} $file $call[1]; or return
    set -l asked $words[(math $entry + 1)..-1]
    test $entry -ge (count $words); and set asked
    for line in ($call completion --word=$asked --word="$current" 2>/dev/null </dev/null)
        if not string match -q \t'*' -- $line
            echo $line
            continue
        end
        set -l flag (string match -r '^--[^=]+=' -- $current)
        for path in (__fish_complete_path (string replace -r '^--[^=]+=' '' -- $current))
            echo "$flag"$path
        end
    end
end

for name in npx tsx node deno wfg
    complete -c $name -n '__wfg_entry >/dev/null' -f -a '(__wfg_complete)'
end
