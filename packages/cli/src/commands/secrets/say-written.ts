import type { CommandTerminal, SecretWritten } from '@coffer/contract';
import { sayAdvice } from '../say-advice.ts';
import { describeTarget, type Target } from './target.ts';

/** `*` as people read it. */
export const showEnvironment = (environment: string): string =>
  environment === '*' ? 'all environments' : environment;

/** What was written, and whether as a variable, as far as the command line says. */
type WrittenTarget = Target & { readonly isPlain?: boolean };

/** Tells what a write did: in words, or as JSON. */
export function sayWritten(terminal: CommandTerminal, target: WrittenTarget, written: SecretWritten): void {
  if (terminal.json) {
    terminal.printJson(written);
    return;
  }
  const versions = Object.entries(written.versions).map(
    ([environment, version]) => `version ${version} for ${showEnvironment(environment)}`,
  );
  const made = versions.length === 0 ? '' : ` (${versions.join(', ')})`;
  terminal.say(
    `${written.created ? 'Created' : 'Updated'} ${'id' in target ? written.name : describeTarget(target)}${made}.`,
  );
  sayStale(terminal, written.stale);
  sayAdvice(terminal, written.advice);
  if (written.created) sayNextSteps(terminal, target, written);
}

/** What is worth doing with a new secret. */
function sayNextSteps(terminal: CommandTerminal, target: WrittenTarget, written: SecretWritten): void {
  const { id, scope } = written;
  const use =
    scope === 'organization'
      ? 'an agent gets it where a reference names it'
      : `try it: coffer run --agent ${findAgent(target) ?? 'AGENT'}${showWhere(written)} -- COMMAND`;
  terminal.say('next:');
  terminal.say(`  ${use}`);
  if (!target.isPlain) terminal.say(`  set a rotation: coffer secrets update --id ${id} --rotate-every 90d`);
  terminal.say(`  see later who used it: coffer audit list --secret ${id}`);
}

const findAgent = (target: Target): string | undefined =>
  'place' in target && 'agent' in target.place.owner ? target.place.owner.agent : undefined;

/** The environment to start in, where there is a value in no other. */
function showWhere({ versions }: SecretWritten): string {
  const [only, ...others] = Object.keys(versions);
  return only === undefined || only === '*' || others.length > 0 ? '' : ` --env ${only}`;
}

/** Running workloads that keep what they were given until they stop. */
export function sayStale(terminal: CommandTerminal, workloads: SecretWritten['stale']): void {
  if (workloads.length === 0) return;
  terminal.say('These running workloads keep what they were given until they stop:');
  for (const { id, agent, environment } of workloads) {
    terminal.say(`  ${id}  ${agent}  ${environment}   coffer workloads stop ${id}`);
  }
}
