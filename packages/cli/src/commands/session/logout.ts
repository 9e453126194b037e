import type { RunnableCommand } from '@coffer/contract';

export const logout: RunnableCommand = {
  name: 'logout',
  summary: 'end the stored login',
  examples: ['coffer logout'],
  load: async () => (await import('./log-out.ts')).logOut,
};
