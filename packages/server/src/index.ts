export { readConfig, type ServerConfig } from './config.ts';
export { startServer, type RunningServer, type StartOptions } from './main.ts';
export { serverCommands } from './commands/index.ts';
