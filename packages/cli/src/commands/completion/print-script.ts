import type { CommandAction } from '@coffer/contract';

/** Each script asks `coffer complete-words`, which gives one candidate a line. */
const scripts: Readonly<Record<string, string>> = {
  bash: `_coffer() {
  local candidate
  COMPREPLY=()
  while IFS= read -r candidate; do
    COMPREPLY+=("$candidate")
  done < <(coffer complete-words -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  [[ \${#COMPREPLY[@]} -gt 0 ]] || compopt -o default 2>/dev/null
}
complete -F _coffer coffer`,
  zsh: `#compdef coffer
_coffer() {
  local -a candidates
  candidates=("\${(@f)$(coffer complete-words -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  candidates=(\${candidates:#})
  if (( \${#candidates} )); then compadd -- "\${candidates[@]}"; else _files; fi
}
compdef _coffer coffer`,
  fish: `function __coffer_complete
    set -l words (commandline -opc)[2..-1] (commandline -ct)
    coffer complete-words -- $words 2>/dev/null
end
complete -c coffer -f -a '(__coffer_complete)'`,
};

export const printScript: CommandAction = (given, terminal) => {
  terminal.print(scripts[given.positionals[0] ?? ''] ?? '');
  return Promise.resolve(undefined);
};
