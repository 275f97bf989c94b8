// Completion scripts for shells: each calls `kubectl-insight __complete` with the words up to the cursor.

const bash = `# kubectl insight completion bash > /etc/bash_completion.d/kubectl-insight
_kubectl_insight() {
  local IFS=$'\\n' word=\${COMP_WORDS[COMP_CWORD]} answer
  answer=$(kubectl-insight __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null | sed '/^:/d')
  COMPREPLY=($(compgen -W "$answer" -- "$word"))
  [[ $COMPREPLY == */ || $COMPREPLY == *, ]] && compopt -o nospace
}
complete -F _kubectl_insight kubectl-insight
`;

const zsh = `#compdef kubectl-insight
# kubectl insight completion zsh > "\${fpath[1]}/_kubectl-insight"
_kubectl_insight() {
  local -a answer
  answer=(\${(f)"$(kubectl-insight __complete "\${words[@]:1:$((CURRENT - 1))}" 2>/dev/null | sed '/^:/d')"})
  compadd -a answer
}
compdef _kubectl_insight kubectl-insight
`;

const fish = `# kubectl insight completion fish > ~/.config/fish/completions/kubectl-insight.fish
function __kubectl_insight
  set -l words (commandline -opc) (commandline -ct)
  kubectl-insight __complete $words[2..-1] 2>/dev/null | string match -v ':*'
end
complete -c kubectl-insight -f -a '(__kubectl_insight)'
`;

const kubectl = `#!/bin/sh
# kubectl insight completion kubectl > ~/bin/kubectl_complete-insight && chmod +x ~/bin/kubectl_complete-insight
# kubectl runs it for \`kubectl insight\`, wherever it is on the PATH.
exec kubectl-insight __complete "$@"
`;

export const scripts = { bash, zsh, fish, kubectl } as const;
export type Shell = keyof typeof scripts;

export function isShell(name: string | undefined): name is Shell {
  return name !== undefined && Object.hasOwn(scripts, name);
}
