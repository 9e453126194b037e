import type { RunnableCommand } from '@coffer/contract';

export const login: RunnableCommand = {
  name: 'login',
  summary: 'log in on the server’s own host',
  description:
    'The server writes the answer to a single-use challenge into its data directory, where only its own user and\n' +
    'root can read it. Without --as it is the first owner who logs in. COFFER_URL says where the server answers;\n' +
    'over plain http it has to be an address that the server itself listens on.',
  options: [
    { name: 'local', summary: 'prove access to the server’s data directory' },
    { name: 'as', value: 'EMAIL', summary: 'the member to log in as' },
    {
      name: 'data-dir',
      value: 'DIR',
      summary: 'the server’s data directory, where the server does not tell it or it has another path here',
    },
  ],
  examples: ['coffer login --local', 'sudo coffer login --local --as ann@example.com'],
  load: async () => (await import('./log-in.ts')).logIn,
};
