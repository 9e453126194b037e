import type { SecretWritten } from '@coffer/contract';
import { startServer } from '@coffer/testkit';
import { afterAll, describe, expect, it } from 'vitest';
import { createLoggedInUser } from '../../terminal/command-line.fixture.ts';

const server = await startServer();
const ann = await createLoggedInUser(server.url, 'biller');
const value = 'a-value-of-some-length';

afterAll(async () => {
  await ann.close();
  await server.close();
});

const nextStep = /^next:\n(?: {2}.*\n)+/m;

describe('what is said after a secret was written', () => {
  it('R-299 a new one is told what to do next, in commands that work; a replaced one is not', async () => {
    const created = await ann.run(['secrets', 'create', 'biller', 'KEY', '--value', value]);
    expect(created.stdout).toBe('');
    const [said = ''] = nextStep.exec(created.stderr) ?? [];
    expect(said).toContain('coffer run --agent biller -- COMMAND');
    const [, id = ''] = /--id (\S+) --rotate-every 90d/.exec(said) ?? [];
    const rotation = ['secrets', 'update', '--id', id, '--rotate-every', '90d'];
    expect(await ann.run(rotation)).toMatchObject({ status: 0 });
    expect(said).toContain(`coffer audit list --secret ${id}`);
    expect((await ann.run(['audit', 'list', '--secret', id])).stdout).toContain('secret.create');
    const replaced = await ann.run(['secrets', 'set', 'biller', 'KEY', `${value}-2`]);
    expect(replaced.stderr).not.toMatch(nextStep);
  });

  it('R-299 the start to try is that of its agent, in the environment that has a value', async () => {
    const inOne = ['secrets', 'set', 'biller', 'IN_ONE', value, '--env', 'production'];
    expect((await ann.run(inOne)).stderr).toContain('coffer run --agent biller --env production -- COMMAND');
    const ofMany = ['secrets', 'set', 'OF_MANY', value, '--project', 'default'];
    expect((await ann.run(ofMany)).stderr).toContain('coffer run --agent AGENT -- COMMAND');
  });

  it('R-299 each step has a line; a variable is not told to rotate', async () => {
    const sealed = await ann.run(['secrets', 'create', 'biller', 'SEALED', '--value', value]);
    expect(nextStep.exec(sealed.stderr)?.[0].trimEnd().split('\n')).toHaveLength(4);
    const plain = await ann.run(['secrets', 'set', 'biller', 'REGION', 'eu-west-1', '--plain']);
    expect(nextStep.exec(plain.stderr)?.[0].trimEnd().split('\n')).toHaveLength(3);
    expect(plain.stderr).not.toContain('--rotate-every');
  });

  it('a secret that its id names is called by its name', async () => {
    const { id } = await ann.ask<SecretWritten>(['secrets', 'set', 'biller', 'BY_ID', value]);
    const { stderr } = await ann.run(['secrets', 'update', '--id', id, '--value', `${value}-2`]);
    expect(stderr).toContain('Updated BY_ID (version 2');
  });

  it('R-097 R-299 of the vault it says that a reference must name it', async () => {
    const { stderr } = await ann.run(['secrets', 'create', 'IN_VAULT', '--value', value]);
    expect(nextStep.exec(stderr)?.[0]).toContain('reference');
  });

  it('with --json nothing but the object is said', async () => {
    const words = ['secrets', 'create', 'biller', 'AS_JSON', '--value', value];
    const { stdout, stderr } = await ann.run([...words, '--json']);
    expect((JSON.parse(stdout) as SecretWritten).name).toBe('AS_JSON');
    expect(stderr).not.toContain('next:');
  });

  it.each(['create', 'set'])('R-296 the help of %s says how to share, and how not', async (verb) => {
    const { stdout } = await ann.run(['secrets', verb, '--help']);
    expect(stdout).toContain('never by sending the value by mail, chat or document');
  });
});
