export { hasPostgres, startPostgres, type RunningPostgres } from './postgres.ts';
export { startServer, stopPostgres, type TestServer, type TestServerOptions } from './server.ts';
