import { type Kysely, sql } from 'kysely';
import type { ColumnTypes } from '../engines/engine.ts';

/** A migration writes tables under their names in the database and knows no table type. */
export type MigrationStep = (db: Kysely<unknown>, types: ColumnTypes) => Promise<void>;

const live = sql<boolean>`deleted_at is null`;

const createPeople: MigrationStep = async (db, { text, integer, tableEnd }) => {
  await db.schema
    .createTable('organization')
    .addColumn('id', text, (column) => column.primaryKey().notNull())
    .addColumn('slug', text, (column) => column.notNull().unique())
    .addColumn('name', text, (column) => column.notNull())
    .addColumn('created_at', integer, (column) => column.notNull())
    .modifyEnd(tableEnd)
    .execute();
  await db.schema
    .createTable('person')
    .addColumn('id', text, (column) => column.primaryKey().notNull())
    .addColumn('email', text, (column) => column.notNull().unique())
    .addColumn('name', text, (column) => column.notNull())
    .addColumn('created_at', integer, (column) => column.notNull())
    .modifyEnd(tableEnd)
    .execute();
  await db.schema
    .createTable('member')
    .addColumn('id', text, (column) => column.primaryKey().notNull())
    .addColumn('organization_id', text, (column) => column.notNull().references('organization.id'))
    .addColumn('person_id', text, (column) => column.notNull().references('person.id'))
    .addColumn('role', text, (column) => column.notNull())
    .addColumn('created_at', integer, (column) => column.notNull())
    .addColumn('removed_at', integer)
    .modifyEnd(tableEnd)
    .execute();
  await db.schema
    .createIndex('member_by_person')
    .unique()
    .on('member')
    .columns(['person_id', 'organization_id'])
    .where(sql<boolean>`removed_at is null`)
    .execute();
  await db.schema
    .createIndex('member_by_organization')
    .on('member')
    .columns(['organization_id', 'id'])
    .execute();
  await db.schema
    .createTable('session')
    .addColumn('id', text, (column) => column.primaryKey().notNull())
    .addColumn('person_id', text, (column) => column.notNull().references('person.id'))
    .addColumn('token_hash', text, (column) => column.notNull().unique())
    .addColumn('created_at', integer, (column) => column.notNull())
    .addColumn('expires_at', integer, (column) => column.notNull())
    .addColumn('last_used_at', integer, (column) => column.notNull())
    .addColumn('revoked_at', integer)
    .modifyEnd(tableEnd)
    .execute();
  await db.schema
    .createIndex('session_by_person')
    .on('session')
    .columns(['person_id', 'last_used_at'])
    .execute();
  await db.schema.createIndex('session_by_expiry').on('session').columns(['expires_at']).execute();
  await db.schema
    .createTable('challenge')
    .addColumn('id', text, (column) => column.primaryKey().notNull())
    .addColumn('answer_hash', text, (column) => column.notNull())
    .addColumn('expires_at', integer, (column) => column.notNull())
    .addColumn('used_at', integer)
    .modifyEnd(tableEnd)
    .execute();
};

const createPlaces: MigrationStep = async (db, { text, integer, tableEnd }) => {
  await db.schema
    .createTable('project')
    .addColumn('id', text, (column) => column.primaryKey().notNull())
    .addColumn('organization_id', text, (column) => column.notNull().references('organization.id'))
    .addColumn('slug', text, (column) => column.notNull())
    .addColumn('name', text, (column) => column.notNull())
    .addColumn('managers', text)
    .addColumn('created_at', integer, (column) => column.notNull())
    .addUniqueConstraint('project_slug', ['organization_id', 'slug'])
    .modifyEnd(tableEnd)
    .execute();
  await db.schema
    .createIndex('project_by_organization')
    .on('project')
    .columns(['organization_id', 'id'])
    .execute();
  await db.schema
    .createTable('environment')
    .addColumn('id', text, (column) => column.primaryKey().notNull())
    .addColumn('organization_id', text, (column) => column.notNull().references('organization.id'))
    .addColumn('slug', text, (column) => column.notNull())
    .addColumn('label', text, (column) => column.notNull())
    .addColumn('position', integer, (column) => column.notNull())
    .addColumn('created_at', integer, (column) => column.notNull())
    .addUniqueConstraint('environment_slug', ['organization_id', 'slug'])
    .modifyEnd(tableEnd)
    .execute();
  await db.schema
    .createTable('agent')
    .addColumn('id', text, (column) => column.primaryKey().notNull())
    .addColumn('organization_id', text, (column) => column.notNull().references('organization.id'))
    .addColumn('project_id', text, (column) => column.notNull().references('project.id'))
    .addColumn('owner_id', text, (column) => column.notNull().references('member.id'))
    .addColumn('slug', text, (column) => column.notNull())
    .addColumn('created_at', integer, (column) => column.notNull())
    .addColumn('deleted_at', integer)
    .modifyEnd(tableEnd)
    .execute();
  await db.schema
    .createIndex('agent_by_slug')
    .unique()
    .on('agent')
    .columns(['organization_id', 'slug'])
    .where(live)
    .execute();
  await db.schema
    .createIndex('agent_by_organization')
    .on('agent')
    .columns(['organization_id', 'id'])
    .execute();
  await db.schema.createIndex('agent_by_project').on('agent').columns(['project_id', 'id']).execute();
  await db.schema.createIndex('agent_by_owner').on('agent').columns(['owner_id']).execute();
  await db.schema
    .createIndex('agent_by_deletion')
    .on('agent')
    .columns(['deleted_at'])
    .where(sql<boolean>`deleted_at is not null`)
    .execute();
};

const createAccess: MigrationStep = async (db, { text, integer, bytes, tableEnd }) => {
  await db.schema
    .createTable('api_key')
    .addColumn('id', text, (column) => column.primaryKey().notNull())
    .addColumn('organization_id', text, (column) => column.notNull().references('organization.id'))
    .addColumn('maker_id', text, (column) => column.notNull())
    .addColumn('name', text, (column) => column.notNull())
    .addColumn('token_hash', text, (column) => column.notNull().unique())
    .addColumn('agent_id', text)
    .addColumn('project_id', text)
    .addColumn('environments', text)
    .addColumn('rights', text, (column) => column.notNull())
    .addColumn('created_at', integer, (column) => column.notNull())
    .addColumn('expires_at', integer, (column) => column.notNull())
    .addColumn('last_used_at', integer)
    .addColumn('revoked_at', integer)
    .modifyEnd(tableEnd)
    .execute();
  await db.schema
    .createIndex('api_key_by_organization')
    .on('api_key')
    .columns(['organization_id', 'id'])
    .execute();
  await db.schema.createIndex('api_key_by_maker').on('api_key').columns(['maker_id', 'id']).execute();
  await db.schema
    .createTable('policy')
    .addColumn('organization_id', text, (column) => column.primaryKey().notNull())
    .addColumn('switches', text, (column) => column.notNull())
    .modifyEnd(tableEnd)
    .execute();
  await db.schema
    .createTable('wrapped_key')
    .addColumn('id', text, (column) => column.primaryKey().notNull())
    .addColumn('organization_id', text, (column) => column.notNull())
    .addColumn('purpose', text, (column) => column.notNull())
    .addColumn('generation', integer, (column) => column.notNull())
    .addColumn('root_key_id', text, (column) => column.notNull())
    .addColumn('wrapped', bytes, (column) => column.notNull())
    .addColumn('seals', integer, (column) => column.notNull())
    .addColumn('created_at', integer, (column) => column.notNull())
    .addColumn('retired_at', integer)
    .addUniqueConstraint('wrapped_key_generation', ['organization_id', 'purpose', 'generation'])
    .modifyEnd(tableEnd)
    .execute();
  await db.schema.createIndex('wrapped_key_by_root_key').on('wrapped_key').columns(['root_key_id']).execute();
  await db.schema
    .createTable('idempotency')
    .addColumn('caller_id', text, (column) => column.notNull())
    .addColumn('route', text, (column) => column.notNull())
    .addColumn('key', text, (column) => column.notNull())
    .addColumn('body_digest', text, (column) => column.notNull())
    .addColumn('answer', text, (column) => column.notNull())
    .addColumn('status', integer, (column) => column.notNull())
    .addColumn('created_at', integer, (column) => column.notNull())
    .addPrimaryKeyConstraint('idempotency_key', ['caller_id', 'route', 'key'])
    .modifyEnd(tableEnd)
    .execute();
  await db.schema.createIndex('idempotency_by_age').on('idempotency').columns(['created_at']).execute();
  await db.schema
    .createTable('lease')
    .addColumn('name', text, (column) => column.primaryKey().notNull())
    .addColumn('holder', text, (column) => column.notNull())
    .addColumn('until', integer, (column) => column.notNull())
    .modifyEnd(tableEnd)
    .execute();
};

const createSecrets: MigrationStep = async (db, { text, integer, bytes, tableEnd, clusteredTableEnd }) => {
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
    .expression(sql`owner_id, lower(name)`)
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
    .columns(['organization_id', 'generation', 'secret_id', 'environment', 'number'])
    .where(sql<boolean>`generation is not null`)
    .execute();
  await db.schema
    .createTable('value_slot')
    .addColumn('secret_id', text, (column) => column.notNull().references('secret.id'))
    .addColumn('environment', text, (column) => column.notNull())
    .addColumn('organization_id', text, (column) => column.notNull())
    .addColumn('current', integer)
    .addColumn('last', integer, (column) => column.notNull())
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

const createStarts: MigrationStep = async (db, { text, integer, clusteredTableEnd, tableEnd }) => {
  await db.schema
    .createTable('resolution')
    .addColumn('id', text, (column) => column.primaryKey().notNull())
    .addColumn('organization_id', text, (column) => column.notNull())
    .addColumn('digest', text, (column) => column.notNull())
    .addUniqueConstraint('resolution_digest', ['organization_id', 'digest'])
    .modifyEnd(tableEnd)
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
    .createIndex('resolution_secret_by_name')
    .on('resolution_secret')
    .columns(['name', 'resolution_id'])
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
    .modifyEnd(tableEnd)
    .execute();
  const workloadIndexes = {
    workload_by_organization: ['organization_id', 'id'],
    workload_by_agent: ['agent_id', 'id'],
    workload_by_resolution: ['resolution_id', 'started_at'],
  };
  for (const [name, columns] of Object.entries(workloadIndexes))
    await db.schema.createIndex(name).on('workload').columns(columns).execute();
  await db.schema.createIndex('workload_by_token').unique().on('workload').columns(['token_hash']).execute();
};

const createAudit: MigrationStep = async (db, { text, integer, bytes, tableEnd, clusteredTableEnd }) => {
  await db.schema
    .createTable('audit_head')
    .addColumn('chain', text, (column) => column.primaryKey().notNull())
    .addColumn('sequence', integer, (column) => column.notNull())
    .addColumn('mac', bytes, (column) => column.notNull())
    .addColumn('changes', integer, (column) => column.notNull())
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
  const filtersOfSome = ['secret_id', 'secret_name', 'agent_id', 'resolution_id'];
  for (const column of filtersOfSome)
    await db.schema
      .createIndex(`audit_event_by_${column}`)
      .on('audit_event')
      .columns(['chain', column, 'sequence'])
      .where(sql<boolean>`${sql.ref(column)} is not null`)
      .execute();
};

export const initial: MigrationStep = async (db, types) => {
  await createPeople(db, types);
  await createPlaces(db, types);
  await createAccess(db, types);
  await createSecrets(db, types);
  await createStarts(db, types);
  await createAudit(db, types);
};
