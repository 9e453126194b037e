import type { CommandInput, SecretRecord } from '@coffer/contract';
import { CofferError } from '@coffer/contract/errors';
import type { Client, SecretAddress, SecretById } from '@coffer/sdk';
import { usageError } from '../../terminal/usage.ts';
import { isNamedLikeAgent } from './agent-in-place-of-name.ts';
import { readPlace, type Place } from './place.ts';
import { isSecretId } from './references.ts';

/** One secret as it was given: by place and name, or forced to be an id. */
export type Target = { readonly place: Place; readonly name: string } | SecretById;

/** Reads `[agent] NAME`, or `--id ID` in its stead. */
export function readTarget(given: CommandInput): Target {
  const id = given.text('id');
  const [first, second] = given.positionals;
  if (id !== undefined) {
    if (first !== undefined || given.has('agent') || given.has('project')) {
      throw usageError('--id stands for agent and name; give nothing else that says which secret.');
    }
    return { id };
  }
  if (first === undefined) throw usageError('The name of the secret is missing.');
  return second === undefined
    ? { place: readPlace(given, undefined), name: first }
    : { place: readPlace(given, first), name: second };
}

export const describeTarget = (target: Target): string =>
  'id' in target ? target.id : `${target.name} of ${target.place.words}`;

/** Acts on the target. What is written like an id is tried as a name first, then as an id. */
export async function onSecret<Answer>(
  client: Client,
  target: Target,
  act: (secret: SecretAddress) => Promise<Answer>,
): Promise<Answer> {
  if ('id' in target) return await act(target);
  const { place, name } = target;
  try {
    return await act({ ...place.owner, name });
  } catch (failure) {
    const isAbsent = failure instanceof CofferError && failure.code === 'secret_not_found';
    if (isAbsent && (await isNamedLikeAgent(client, target))) throw nameTheSecretToo(failure, name);
    if (!isAbsent || !isSecretId(name)) throw failure;
    if (!(await isOwnedBy(client, { id: name }, place))) throw failure;
    return await act({ id: name });
  }
}

const nameTheSecretToo = ({ code, message, errors, requestId }: CofferError, agent: string): CofferError =>
  new CofferError(
    code,
    {
      detail: message,
      hint: `${agent} is an agent: name the secret, too. \`coffer secrets list ${agent}\` lists its secrets.`,
      errors,
    },
    requestId === undefined ? {} : { requestId },
  );

/** Whether the secret lies where it was said to; without an agent or project, anywhere will do. */
async function isOwnedBy(client: Client, secret: SecretById, { owner }: Place): Promise<boolean> {
  if ('organization' in owner) return true;
  const record: SecretRecord = await client.secrets.get(secret);
  if ('project' in owner) {
    if (record.scope !== 'project') return false;
    const projects = client.projects.listAll();
    for await (const { id, slug } of projects) {
      if (slug === record.project) return owner.project === slug || owner.project === id;
    }
    return false;
  }
  if (record.scope !== 'agent') return false;
  const { slug } = await client.agents.get(owner.agent);
  return record.agent === slug;
}
