// A process of its own: makes a database with so many secrets, ten per agent, sealed as the server seals them.
//
//   node fill-database.ts <folder> <secrets>
import { encodeBinding, fingerprint, seal } from '@coffer/crypto';
import { readConfig, startServer } from '@coffer/server';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const secretsPerAgent = 10;
const agentsPerTransaction = 500;
const [folder = '', count = '0'] = process.argv.slice(2);
const agentCount = Number(count) / secretsPerAgent;

const config = readConfig(
  { 'data-dir': join(folder, 'data'), 'root-key-file': join(folder, 'root.key'), listen: '127.0.0.1:0' },
  {},
);
const server = await startServer(config);
const { database, guard } = server.house;
const { owner, project, key, fingerprintKey } = await database.read(async (stores) => {
  const person = await stores.members.findFirstOwner();
  const [member] = person === undefined ? [] : await stores.members.listOfPerson(person.id);
  if (member === undefined) throw new Error('The new organization has no owner');
  const found = await stores.projects.find(member.organizationId, 'default');
  if (found === undefined) throw new Error('The new organization has no project');
  return {
    owner: member,
    project: found,
    key: await guard.keyring.sealingKey(stores, member.organizationId),
    fingerprintKey: await guard.keyring.fingerprintKey(stores, member.organizationId),
  };
});
const { organizationId } = owner;
const now = Date.now();

type Row = Readonly<Record<string, null | number | string | Uint8Array>>;
const file = new DatabaseSync(join(config.dataDir, 'coffer.db'));
const insertInto = (table: string, sample: Row): ((row: Row) => void) => {
  const columns = Object.keys(sample);
  const statement = file.prepare(
    `insert into ${table} (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')})`,
  );
  return (row) => void statement.run(...columns.map((column) => row[column] ?? null));
};

const idOf = (prefix: string, at: number): string => `${prefix}_${String(at).padStart(26, '0')}`;

const agentRow = (at: number): Row => ({
  id: idOf('agt', at),
  organization_id: organizationId,
  project_id: project.id,
  owner_id: owner.id,
  slug: `agent-${at}`,
  created_at: now,
});

const secretRow = (agentId: string, at: number): Row => ({
  id: idOf('sec', at),
  organization_id: organizationId,
  scope: 'agent',
  owner_id: agentId,
  agent_id: agentId,
  name: `SERVICE_${at % secretsPerAgent}_API_KEY`,
  kind: 'sealed',
  exposure: 'env',
  allowed_hosts: '[]',
  description: '',
  tags: '[]',
  never_reveal: 0,
  created_at: now,
  created_by: owner.id,
  updated_at: now,
  updated_by: owner.id,
  deleted_with_agent: 0,
});

const versionRow = (ownerId: string, secretId: string): Row => {
  const value = randomBytes(30).toString('base64url');
  const binding = { organizationId, scope: 'agent', ownerId, secretId, environment: '*', version: 1 };
  return {
    secret_id: secretId,
    environment: '*',
    number: 1,
    organization_id: organizationId,
    kind: 'sealed',
    storage: 'local',
    change: 'create',
    sealed: seal(key, Buffer.from(value), encodeBinding('value', binding)),
    generation: key.generation,
    preview: `****${value.slice(-4)}`,
    fingerprint: fingerprint(fingerprintKey, secretId, Buffer.from(value)),
    byte_length: value.length,
    created_at: now,
    created_by: owner.id,
  };
};

const slotRow = (secretId: string): Row => ({
  secret_id: secretId,
  environment: '*',
  organization_id: organizationId,
  current: 1,
  last: 1,
  oldest: 1,
});

const insertAgent = insertInto('agent', agentRow(0));
const insertSecret = insertInto('secret', secretRow('', 0));
const insertVersion = insertInto('version', versionRow('', ''));
const insertSlot = insertInto('value_slot', slotRow(''));

for (let from = 0; from < agentCount; from += agentsPerTransaction) {
  file.exec('begin immediate');
  for (let agent = from; agent < Math.min(agentCount, from + agentsPerTransaction); agent += 1) {
    insertAgent(agentRow(agent));
    for (let of = 0; of < secretsPerAgent; of += 1) {
      const row = secretRow(idOf('agt', agent), agent * secretsPerAgent + of);
      insertSecret(row);
      insertVersion(versionRow(idOf('agt', agent), String(row['id'])));
      insertSlot(slotRow(String(row['id'])));
    }
  }
  file.exec('commit');
  process.stderr.write(`\r${Math.min(agentCount, from + agentsPerTransaction)} of ${agentCount} agents`);
}
process.stderr.write('\n');
file.close();
await database.commit((stores) => guard.keyring.countSeals(stores, key, Number(count)));
await server.close();
