# Completion for zsh: tasks, commands, flags and choices, where a command line names tasks.ts or wfg.
#
#   npx tsx tasks.ts completion zsh > ~/.wfg-completion.zsh
#   echo 'source ~/.wfg-completion.zsh' >> ~/.zshrc
#
# It serves every folder that has a tasks.ts: `npx tsx tasks.ts`, `tsx tasks.ts`, `node … tasks.ts`, `deno run … tasks.ts`
# and `wfg`. A line of npx, tsx, node or deno without tasks.ts is completed as before. Pressing Tab runs that tasks.ts,
# and for flags imports the script; it never runs npx, which could install something, nor what other users may have written.

(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }

typeset -gA _wfg_before

_wfg() {
  local index entry=0 file folder bin line word files=''
  local -a call asked candidates
  for (( index = 1; index < CURRENT; index++ )); do
    case ${words[index]:t} in
      (tasks.ts|wfg.mjs) entry=$index ;;
      (wfg) (( index <= 2 )) && entry=$index ;;
    esac
    (( entry )) && break
  done
  if (( ! entry )); then
    eval "${_wfg_before[${words[1]:t}]:-_default}"
    return
  fi

  call=("${(@Q)words[1,entry]}")
  call[entry]=${call[entry]/#\~\//$HOME/}
  file=$call[entry]
  folder=${file:h}
  if [[ ${call[1]:t} == npx ]]; then
    call=(tsx "$file")
    [[ $file == wfg ]] && call=(wfg)
    for bin in node_modules/.bin $folder/node_modules/.bin; do
      [[ -x $bin/$call[1] ]] && break
    done
    call[1]=$bin/$call[1]
  fi
  sh -c 'IS_TRUSTED' sh . node_modules $folder $folder/{node_modules,package.json} $file $call[1] || return
  for word in "${(@Q)words[entry+1,CURRENT-1]}" "$PREFIX"; do asked+=("--word=$word"); done

  while IFS= read -r line; do
    word=${line%%$'\t'*}
    if [[ -z $word ]]; then
      files=yes
    elif [[ -n ${line#*$'\t'} ]]; then
      candidates+=("${word//:/\\:}:${line#*$'\t'}")
    else
      candidates+=("${word//:/\\:}")
    fi
  done < <("${call[@]}" completion "${asked[@]}" 2>/dev/null </dev/null)

  local found=1
  (( $#candidates )) && _describe wfg candidates && found=0
  if [[ -n $files ]]; then
    [[ $PREFIX == --*=* ]] && compset -P '*='
    _files && found=0
  fi
  return $found
}

() {
  local name
  for name in npx tsx node deno wfg; do
    [[ -n $_comps[$name] && $_comps[$name] != _wfg ]] && _wfg_before[$name]=$_comps[$name]
    compdef _wfg $name
  done
}
