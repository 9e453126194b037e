import { sql } from 'kysely';
import type { MigrationStep } from './migration-step.ts';

const live = sql<boolean>`deleted_at is null`;

export const createSecrets: MigrationStep = async (
  db,
  { text, integer, bytes, tableEnd, clusteredTableEnd },
) => {
  await db.schema
    .createTable('secret')
    .addColumn('id', text, (column) => column.primaryKey().notNull())
    .addColumn('organization_id', text, (column) => column.notNull().references('organization.id'))
    .addColumn('scope', text, (column) => column.notNull())
    .addColumn('owner_id', text, (column) => column.notNull())
    .addColumn('project_id', text)
    .addColumn('agent_id', text)
    .addColumn('name', text, (column) => column.notNull())
    .addColumn('kind', text, (column) => column.notNull())
    .addColumn('exposure', text, (column) => column.notNull())
    .addColumn('allowed_hosts', text, (column) => column.notNull())
    .addColumn('description', text, (column) => column.notNull())
    .addColumn('credential_type', text)
    .addColumn('expires_at', integer)
    .addColumn('rotate_every_days', integer)
    .addColumn('tags', text, (column) => column.notNull())
    .addColumn('never_reveal', integer, (column) => column.notNull())
    .addColumn('created_at', integer, (column) => column.notNull())
    .addColumn('created_by', text, (column) => column.notNull())
    .addColumn('updated_at', integer, (column) => column.notNull())
    .addColumn('updated_by', text, (column) => column.notNull())
    .addColumn('deleted_at', integer)
    .addColumn('deleted_with_agent', integer, (column) => column.notNull())
    .modifyEnd(tableEnd)
    .execute();
  await db.schema
    .createIndex('secret_by_name')
    .unique()
    .on('secret')
    .columns(['owner_id', 'name'])
    .where(live)
    .execute();
  await db.schema
    .createIndex('secret_by_case')
    .on('secret')
    .columns(['owner_id', sql`lower(name)`])
    .where(live)
    .execute();
  await db.schema
    .createIndex('secret_deleted_by_name')
    .on('secret')
    .columns(['owner_id', 'name', 'id'])
    .where(sql<boolean>`deleted_at is not null`)
    .execute();
  await db.schema
    .createIndex('secret_by_deletion')
    .on('secret')
    .columns(['deleted_at'])
    .where(sql<boolean>`deleted_at is not null`)
    .execute();
  await db.schema
    .createTable('version')
    .addColumn('secret_id', text, (column) => column.notNull().references('secret.id'))
    .addColumn('environment', text, (column) => column.notNull())
    .addColumn('number', integer, (column) => column.notNull())
    .addColumn('organization_id', text, (column) => column.notNull())
    .addColumn('kind', text, (column) => column.notNull())
    .addColumn('storage', text, (column) => column.notNull())
    .addColumn('change', text, (column) => column.notNull())
    .addColumn('sealed', bytes)
    .addColumn('generation', integer)
    .addColumn('text', text)
    .addColumn('provider_id', text)
    .addColumn('remote_path', text)
    .addColumn('remote_key', text)
    .addColumn('preview', text)
    .addColumn('fingerprint', text)
    .addColumn('byte_length', integer, (column) => column.notNull())
    .addColumn('placeholder', text)
    .addColumn('created_at', integer, (column) => column.notNull())
    .addColumn('created_by', text, (column) => column.notNull())
    .addColumn('destroyed_at', integer)
    .addPrimaryKeyConstraint('version_number', ['secret_id', 'environment', 'number'])
    .modifyEnd(tableEnd)
    .execute();
  await db.schema
    .createIndex('version_by_generation')
    .on('version')
    .columns(['organization_id', 'generation'])
    .where(sql<boolean>`generation is not null`)
    .execute();
  // What is destroyed has no fingerprint, so this holds no more than the versions that are kept.
  await db.schema
    .createIndex('version_by_fingerprint')
    .on('version')
    .columns(['secret_id', 'fingerprint'])
    .where(sql<boolean>`fingerprint is not null`)
    .execute();
  await db.schema
    .createTable('value_slot')
    .addColumn('secret_id', text, (column) => column.notNull().references('secret.id'))
    .addColumn('environment', text, (column) => column.notNull())
    .addColumn('organization_id', text, (column) => column.notNull())
    .addColumn('current', integer)
    .addColumn('last', integer, (column) => column.notNull())
    .addColumn('oldest', integer, (column) => column.notNull())
    .addPrimaryKeyConstraint('value_slot_key', ['secret_id', 'environment'])
    .modifyEnd(clusteredTableEnd)
    .execute();
  await db.schema
    .createIndex('value_slot_by_environment')
    .on('value_slot')
    .columns(['organization_id', 'environment', 'secret_id'])
    .where(sql<boolean>`${sql.ref('current')} is not null`)
    .execute();
};

export const createStarts: MigrationStep = async (db, { text, integer, clusteredTableEnd }) => {
  await db.schema
    .createTable('resolution')
    .addColumn('id', text, (column) => column.primaryKey().notNull())
    .addColumn('organization_id', text, (column) => column.notNull())
    .addColumn('digest', text, (column) => column.notNull())
    .addUniqueConstraint('resolution_digest', ['organization_id', 'digest'])
    .modifyEnd(clusteredTableEnd)
    .execute();
  await db.schema
    .createTable('resolution_secret')
    .addColumn('resolution_id', text, (column) => column.notNull().references('resolution.id'))
    .addColumn('position', integer, (column) => column.notNull())
    .addColumn('name', text, (column) => column.notNull())
    .addColumn('secret_id', text, (column) => column.notNull())
    .addColumn('environment', text, (column) => column.notNull())
    .addColumn('version', integer, (column) => column.notNull())
    .addColumn('source', text, (column) => column.notNull())
    .addPrimaryKeyConstraint('resolution_secret_key', ['resolution_id', 'position'])
    .modifyEnd(clusteredTableEnd)
    .execute();
  await db.schema
    .createIndex('resolution_secret_by_secret')
    .on('resolution_secret')
    .columns(['secret_id', 'resolution_id'])
    .execute();
  await db.schema
    .createTable('workload')
    .addColumn('id', text, (column) => column.primaryKey().notNull())
    .addColumn('organization_id', text, (column) => column.notNull())
    .addColumn('agent_id', text, (column) => column.notNull())
    .addColumn('agent_slug', text, (column) => column.notNull())
    .addColumn('environment', text, (column) => column.notNull())
    .addColumn('state', text, (column) => column.notNull())
    .addColumn('invocation', integer, (column) => column.notNull())
    .addColumn('output', text, (column) => column.notNull())
    .addColumn('token_hash', text, (column) => column.notNull())
    .addColumn('resolution_id', text, (column) => column.notNull())
    .addColumn('started_at', integer, (column) => column.notNull())
    .addColumn('started_by', text, (column) => column.notNull())
    .addColumn('started_by_name', text, (column) => column.notNull())
    .addColumn('heartbeat_at', integer)
    .addColumn('ended_at', integer)
    .addColumn('exit_status', integer)
    .addColumn('stop_requested_at', integer)
    .addColumn('restart_requested', integer, (column) => column.notNull())
    .addColumn('reason', text)
    .modifyEnd(clusteredTableEnd)
    .execute();
  const workloadIndexes = {
    workload_by_organization: ['organization_id', 'id'],
    workload_by_agent: ['agent_id', 'id'],
  };
  for (const [name, columns] of Object.entries(workloadIndexes))
    await db.schema.createIndex(name).on('workload').columns(columns).execute();
  for (const column of ['agent_id', 'resolution_id'])
    await db.schema
      .createIndex(`workload_active_by_${column}`)
      .on('workload')
      .columns([column, 'id'])
      .where(sql<boolean>`state in ('starting', 'running', 'stopping')`)
      .execute();
};

export const createAudit: MigrationStep = async (
  db,
  { text, integer, bytes, tableEnd, clusteredTableEnd },
) => {
  await db.schema
    .createTable('audit_head')
    .addColumn('chain', text, (column) => column.primaryKey().notNull())
    .addColumn('sequence', integer, (column) => column.notNull())
    .addColumn('mac', bytes, (column) => column.notNull())
    .addColumn('changes', integer, (column) => column.notNull())
    .addColumn('access_changes', integer, (column) => column.notNull())
    .modifyEnd(tableEnd)
    .execute();
  await db.schema
    .createTable('audit_event')
    .addColumn('id', text, (column) => column.notNull())
    .addColumn('chain', text, (column) => column.notNull())
    .addColumn('sequence', integer, (column) => column.notNull())
    .addColumn('at', integer, (column) => column.notNull())
    .addColumn('action', text, (column) => column.notNull())
    .addColumn('outcome', text, (column) => column.notNull())
    .addColumn('code', text)
    .addColumn('actor_type', text, (column) => column.notNull())
    .addColumn('actor_id', text, (column) => column.notNull())
    .addColumn('actor_name', text, (column) => column.notNull())
    .addColumn('secret_id', text)
    .addColumn('secret_name', text)
    .addColumn('agent_id', text)
    .addColumn('agent_slug', text)
    .addColumn('project_id', text)
    .addColumn('environment', text)
    .addColumn('version', integer)
    .addColumn('workload_id', text)
    .addColumn('resolution_id', text)
    .addColumn('resolution_digest', text)
    .addColumn('address', text)
    .addColumn('request_id', text)
    .addColumn('details', text, (column) => column.notNull())
    .addColumn('mac', bytes, (column) => column.notNull())
    .addPrimaryKeyConstraint('audit_event_sequence', ['chain', 'sequence'])
    .modifyEnd(clusteredTableEnd)
    .execute();
  const filters = ['actor_id', 'at'];
  for (const column of filters)
    await db.schema
      .createIndex(`audit_event_by_${column}`)
      .on('audit_event')
      .columns(['chain', column, 'sequence'])
      .execute();
  const filtersOfSome = ['secret_id', 'agent_id', 'resolution_id'];
  for (const column of filtersOfSome)
    await db.schema
      .createIndex(`audit_event_by_${column}`)
      .on('audit_event')
      .columns(['chain', column, 'sequence'])
      .where(sql<boolean>`${sql.ref(column)} is not null`)
      .execute();
  // Most events have the id of their secret, to which those of its first version lead.
  await db.schema
    .createIndex('audit_event_by_secret_name')
    .on('audit_event')
    .columns(['chain', 'secret_name', 'sequence'])
    .where(sql<boolean>`secret_name is not null and (secret_id is null or version = 1)`)
    .execute();
};
