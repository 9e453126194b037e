import type { RunnableCommand } from '@coffer/contract';
import { organizationOption } from '../options.ts';

export const whoami: RunnableCommand = {
  name: 'whoami',
  summary: 'show who the credential belongs to and what it may do',
  options: [organizationOption],
  examples: ['coffer whoami', 'coffer whoami --json'],
  load: async () => (await import('./show-caller.ts')).showCaller,
};
