import { sql } from 'kysely';
import { createAudit, createSecrets, createStarts } from './0001-initial-secrets.ts';
import type { MigrationStep } from './migration-step.ts';

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
    .createIndex('agent_deleted_by_slug')
    .on('agent')
    .columns(['organization_id', 'slug', 'id'])
    .where(sql<boolean>`deleted_at is not null`)
    .execute();
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
    .addColumn('made_by_key_id', text)
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
    .createIndex('api_key_by_key')
    .on('api_key')
    .columns(['made_by_key_id'])
    .where(sql<boolean>`made_by_key_id is not null`)
    .execute();
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

export const initial: MigrationStep = async (db, types) => {
  await createPeople(db, types);
  await createPlaces(db, types);
  await createAccess(db, types);
  await createSecrets(db, types);
  await createStarts(db, types);
  await createAudit(db, types);
};
