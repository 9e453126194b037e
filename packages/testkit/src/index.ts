export {
  runCoffer,
  settingsIn,
  spawnServer,
  startCoffer,
  type Ran,
  type Running,
  type RunOptions,
  type ServerProcess,
} from './coffer-process.ts';
export { ask, callerOf, type BareAnswer, type TestCaller } from './caller.ts';
export { createOrganization } from './organization.ts';
export { hasPostgres, startPostgres, type RunningPostgres } from './postgres.ts';
export { login, startServer, stopPostgres, type TestServer, type TestServerOptions } from './server.ts';
export { startSilentProxy, type SilentProxy } from './silent-proxy.ts';
export { createTeam, refusalOf, type Team } from './team.ts';
export { startUnreliableProxy, type Fate, type UnreliableProxy } from './unreliable-proxy.ts';
