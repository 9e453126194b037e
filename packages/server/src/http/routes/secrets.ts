import type {
  SecretByIdQuery,
  SecretCopy,
  SecretCreate,
  SecretDeleteQuery,
  SecretImport,
  SecretRollback,
  SecretSet,
  SecretUpdate,
} from '@coffer/contract';
import { createSecret, setSecret } from '../../domain/secrets/create.ts';
import { deleteSecret, removeValue, restoreSecret } from '../../domain/secrets/delete.ts';
import { importSecrets } from '../../domain/secrets/import.ts';
import type { SecretAddress } from '../../domain/secrets/find.ts';
import type { PlaceName } from '../../domain/secrets/place.ts';
import { getSecret, listSecrets, listVersions } from '../../domain/secrets/read.ts';
import { updateSecret } from '../../domain/secrets/update.ts';
import { copySecret, destroyVersion, rollbackSecret } from '../../domain/secrets/versions.ts';
import type { Call } from '../handlers.ts';

type Params = Call['params'];

const places = {
  Vault: (): PlaceName => ({ scope: 'organization' }),
  Project: (params: Params): PlaceName => ({ scope: 'project', project: params['project'] ?? '' }),
  Agent: (params: Params): PlaceName => ({ scope: 'agent', agent: params['agent'] ?? '' }),
};

type Collection = keyof typeof places;

const addressIn = (
  of: Collection | 'ById',
  { params, query }: Pick<Call, 'params' | 'query'>,
): SecretAddress =>
  of === 'ById'
    ? { by: 'id', id: params['secret'] ?? '', scope: (query as SecretByIdQuery).scope }
    : { by: 'name', place: places[of](params), name: params['name'] ?? '' };

const collectionHandlers = (of: Collection) => ({
  list: async ({ caller, params, query }: Call) => listSecrets(caller, places[of](params), query),
  create: async ({ caller, params, body }: Call<SecretCreate>) =>
    createSecret(caller, places[of](params), body),
  import: async ({ caller, params, body }: Call<SecretImport>) =>
    importSecrets(caller, places[of](params), body),
  set: async ({ caller, params, body, expected }: Call<SecretSet>) =>
    setSecret(caller, { place: places[of](params), name: params['name'] ?? '' }, { input: body, expected }),
});

const itemHandlers = (of: Collection | 'ById') => ({
  get: async (call: Call) => getSecret(call.caller, addressIn(of, call)),
  update: async (call: Call<SecretUpdate>) =>
    updateSecret(call.caller, addressIn(of, call), { input: call.body, expected: call.expected }),
  delete: async (call: Call) =>
    deleteSecret(call.caller, addressIn(of, call), {
      purge: (call.query as SecretDeleteQuery).purge === 'true',
      expected: call.expected,
    }),
  restore: async (call: Call) => restoreSecret(call.caller, addressIn(of, call)),
  versions: async (call: Call) => listVersions(call.caller, addressIn(of, call)),
  destroyVersion: async (call: Call) =>
    destroyVersion(call.caller, addressIn(of, call), {
      environment: call.params['environment'] ?? '',
      version: Number(call.params['version']),
    }),
  removeValue: async (call: Call) =>
    removeValue(call.caller, addressIn(of, call), {
      environment: call.params['environment'] ?? '',
      expected: call.expected,
    }),
  rollback: async (call: Call<SecretRollback>) =>
    rollbackSecret(call.caller, addressIn(of, call), { input: call.body, expected: call.expected }),
  copy: async (call: Call<SecretCopy>) =>
    copySecret(call.caller, addressIn(of, call), { input: call.body, expected: call.expected }),
});

const vault = { ...collectionHandlers('Vault'), ...itemHandlers('Vault') };
const project = { ...collectionHandlers('Project'), ...itemHandlers('Project') };
const agent = { ...collectionHandlers('Agent'), ...itemHandlers('Agent') };
const byId = itemHandlers('ById');

export const secretHandlers = {
  listSecretsVault: vault.list,
  listSecretsProject: project.list,
  listSecretsAgent: agent.list,
  createSecretVault: vault.create,
  createSecretProject: project.create,
  createSecretAgent: agent.create,
  importSecretsVault: vault.import,
  importSecretsProject: project.import,
  importSecretsAgent: agent.import,
  setSecretVault: vault.set,
  setSecretProject: project.set,
  setSecretAgent: agent.set,
  getSecretVault: vault.get,
  getSecretProject: project.get,
  getSecretAgent: agent.get,
  getSecretById: byId.get,
  updateSecretVault: vault.update,
  updateSecretProject: project.update,
  updateSecretAgent: agent.update,
  updateSecretById: byId.update,
  deleteSecretVault: vault.delete,
  deleteSecretProject: project.delete,
  deleteSecretAgent: agent.delete,
  deleteSecretById: byId.delete,
  restoreSecretVault: vault.restore,
  restoreSecretProject: project.restore,
  restoreSecretAgent: agent.restore,
  restoreSecretById: byId.restore,
  listVersionsVault: vault.versions,
  listVersionsProject: project.versions,
  listVersionsAgent: agent.versions,
  listVersionsById: byId.versions,
  destroyVersionVault: vault.destroyVersion,
  destroyVersionProject: project.destroyVersion,
  destroyVersionAgent: agent.destroyVersion,
  destroyVersionById: byId.destroyVersion,
  removeValueVault: vault.removeValue,
  removeValueProject: project.removeValue,
  removeValueAgent: agent.removeValue,
  removeValueById: byId.removeValue,
  rollbackSecretVault: vault.rollback,
  rollbackSecretProject: project.rollback,
  rollbackSecretAgent: agent.rollback,
  rollbackSecretById: byId.rollback,
  copySecretVault: vault.copy,
  copySecretProject: project.copy,
  copySecretAgent: agent.copy,
  copySecretById: byId.copy,
};
