import type { CommandTerminal, SecretWritten } from '@coffer/contract';
import { sayAdvice } from '../say-advice.ts';

/** `*` as people read it. */
export const showEnvironment = (environment: string): string =>
  environment === '*' ? 'all environments' : environment;

/** Tells what a write did: in words, or as JSON. `what` names the secret and its place. */
export function sayWritten(terminal: CommandTerminal, what: string, written: SecretWritten): void {
  if (terminal.json) {
    terminal.printJson(written);
    return;
  }
  const versions = Object.entries(written.versions).map(
    ([environment, version]) => `version ${version} for ${showEnvironment(environment)}`,
  );
  const made = versions.length === 0 ? '' : ` (${versions.join(', ')})`;
  terminal.say(`${written.created ? 'Created' : 'Updated'} ${what}${made}.`);
  sayStale(terminal, written.stale);
  sayAdvice(terminal, written.advice);
  if (written.created) sayNextSteps(terminal, written);
}

/** What is worth doing with a new secret. */
function sayNextSteps(terminal: CommandTerminal, { id, scope }: SecretWritten): void {
  const use =
    scope === 'organization'
      ? 'an agent gets it where a reference names it'
      : 'try it: coffer run --agent AGENT -- COMMAND';
  terminal.say(
    `next: ${use}; set a rotation: coffer secrets update --id ${id} --rotate-every 90d; ` +
      `see later who used it: coffer audit list --secret ${id}`,
  );
}

/** Running workloads that keep what they were given until they stop. */
export function sayStale(terminal: CommandTerminal, workloads: SecretWritten['stale']): void {
  if (workloads.length === 0) return;
  terminal.say('These running workloads keep what they were given until they stop:');
  for (const { id, agent, environment } of workloads) {
    terminal.say(`  ${id}  ${agent}  ${environment}   coffer workloads stop ${id}`);
  }
}
