export { readConfig, type ServerConfig } from './config.ts';
export { describeRights, type DescribedRight } from './domain/guard/describe-rights.ts';
export { createOrganization } from './domain/organizations/create.ts';
export { createLogger } from './logger.ts';
export { startServer, type RunningServer, type StartOptions } from './main.ts';
export { serverCommands } from './commands/index.ts';
