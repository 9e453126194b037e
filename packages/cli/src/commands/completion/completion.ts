import type { RunnableCommand } from '@coffer/contract';

export const completion: RunnableCommand = {
  name: 'completion',
  summary: 'print a completion script for a shell; it knows names, never values',
  description:
    'bash: put `source <(coffer completion bash)` into ~/.bashrc.\n' +
    'zsh:  put `source <(coffer completion zsh)` into ~/.zshrc, after compinit.\n' +
    'fish: coffer completion fish > ~/.config/fish/completions/coffer.fish',
  arguments: [{ name: 'shell', choices: ['bash', 'zsh', 'fish'], summary: 'the shell' }],
  examples: ['coffer completion bash > ~/.local/share/bash-completion/completions/coffer'],
  load: async () => (await import('./print-script.ts')).printScript,
};
