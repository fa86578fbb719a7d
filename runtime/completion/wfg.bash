# Completion for bash: tasks, commands, flags and choices, where a command line names tasks.ts or wfg.
#
#   npx tsx tasks.ts completion bash > ~/.wfg-completion.bash
#   echo 'source ~/.wfg-completion.bash' >> ~/.bashrc
#
# It serves every folder that has a tasks.ts: `npx tsx tasks.ts`, `tsx tasks.ts`, `node … tasks.ts`, `deno run … tasks.ts`
# and `wfg`. A line of npx, tsx, node or deno without tasks.ts is completed as before. Pressing Tab runs that tasks.ts,
# and for flags imports the script; it never runs npx, which could install something, nor what other users may have written.

_wfg() {
  local IFS=$' \t\n' line=${COMP_LINE:0:COMP_POINT} current word bin folder file index last entry=-1 prefix='' files=''
  local -a words call asked
  # Not COMP_WORDS, which are cut at "=" and ":".
  read -r -d '' -a words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=('')
  last=$((${#words[@]} - 1))
  for ((index = 0; index < last; index++)); do
    case ${words[index]##*/} in
      tasks.ts | wfg.mjs) entry=$index && break ;;
      wfg) ((index < 2)) && entry=$index && break ;;
    esac
  done
  if ((entry < 0)); then
    _wfg_other "$@"
    return
  fi
  COMPREPLY=()
  current=${words[last]}
  [[ ${words[last - 1]} == *[\<\>] || $current == *[\<\>]* ]] && return

  call=("${words[@]:0:entry+1}")
  call[entry]=${call[entry]/#\~\//$HOME/}
  file=${call[entry]}
  folder=.
  [[ $file == */* ]] && folder=${file%/*}
  if [[ ${call[0]##*/} == npx ]]; then
    call=(tsx "$file")
    [[ $file == wfg ]] && call=(wfg)
    for bin in node_modules/.bin "$folder/node_modules/.bin"; do
      [[ -x $bin/${call[0]} ]] && break
    done
    call[0]=$bin/${call[0]}
  fi
  sh -c 'IS_TRUSTED' sh . node_modules "$folder" "$folder"/{node_modules,package.json} "$file" "${call[0]}" || return
  asked=()
  for word in "${words[@]:entry+1}"; do asked+=("--word=$word"); done

  # Bash replaces what follows the last of its own word breaks.
  bin=${COMP_WORDBREAKS//[!=:]/}
  [[ -n $bin ]] && prefix=${current%"${current##*[$bin]}"}
  while IFS= read -r line; do
    word=${line%%$'\t'*}
    if [[ -z $word ]]; then
      files=yes
    elif [[ $word == "$current"* ]]; then
      printf -v word %q "$word"
      COMPREPLY+=("${word#"$prefix"}")
    fi
  done < <("${call[@]}" completion "${asked[@]}" 2>/dev/null </dev/null)

  if [[ -z $files ]]; then
    type compopt &>/dev/null && compopt +o default +o bashdefault
  elif ((${#COMPREPLY[@]} > 0)); then
    # Without candidates of ours bash completes files by itself.
    while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$current")
    type compopt &>/dev/null && compopt -o filenames
  fi
}

# What the command had before; what bash-completion has for it, which is loaded when first asked for.
_wfg_other() {
  local name=${1##*/}
  local before=_wfg_before_$name
  if [[ -z ${!before-} && $(complete -p -D 2>/dev/null) =~ -F\ ([^ ]+) ]]; then
    "${BASH_REMATCH[1]}" "$@"
    _wfg_register "$name"
  fi
  [[ -n ${!before-} ]] && "${!before}" "$@"
}

_wfg_register() {
  local name
  for name in "$@"; do
    [[ $(complete -p "$name" 2>/dev/null) =~ -F\ ([^ ]+) && ${BASH_REMATCH[1]} != _wfg ]] &&
      printf -v "_wfg_before_$name" %s "${BASH_REMATCH[1]}"
    complete -o bashdefault -o default -F _wfg "$name"
  done
}

_wfg_register npx tsx node deno wfg
