import { join } from 'node:path';
import { configurationFolder, type ProcessEnvironment } from './configuration-folder.ts';
import { findPrivateJson, removeFile, writePrivateFile } from './private-file.ts';

/** `session.json`, mode 0600: who is logged in where. The token is a credential and never printed. */
export interface StoredLogin {
  readonly url: string;
  readonly token: string;
  readonly email: string;
  readonly expiresAt: string;
}

const sessionFile = (environment: ProcessEnvironment): string =>
  join(configurationFolder(environment), 'session.json');
const settingsFile = (environment: ProcessEnvironment): string =>
  join(configurationFolder(environment), 'config.json');

export function findStoredLogin(environment: ProcessEnvironment): StoredLogin | undefined {
  const stored = findPrivateJson(sessionFile(environment));
  return isStoredLogin(stored) ? stored : undefined;
}

/** A new login starts without a chosen organization: the one chosen before may not exist there. */
export function storeLogin(environment: ProcessEnvironment, login: StoredLogin): void {
  removeFile(settingsFile(environment));
  writePrivateFile(sessionFile(environment), `${JSON.stringify(login, undefined, 2)}\n`);
}

export function removeStoredLogin(environment: ProcessEnvironment): void {
  removeFile(sessionFile(environment));
  removeFile(settingsFile(environment));
}

/** The organization chosen by `coffer org use`, for the stored login only. */
export function findActiveOrganization(environment: ProcessEnvironment): string | undefined {
  const settings = findPrivateJson(settingsFile(environment));
  return isRecord(settings) && typeof settings['organization'] === 'string'
    ? settings['organization']
    : undefined;
}

export const storeActiveOrganization = (environment: ProcessEnvironment, organization: string): void =>
  writePrivateFile(settingsFile(environment), `${JSON.stringify({ organization }, undefined, 2)}\n`);

const isRecord = (json: unknown): json is Readonly<Record<string, unknown>> =>
  typeof json === 'object' && json !== null;

const isStoredLogin = (json: unknown): json is StoredLogin =>
  isRecord(json) && ['url', 'token', 'email', 'expiresAt'].every((field) => typeof json[field] === 'string');
