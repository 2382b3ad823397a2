import type { Actor } from '#libs/contracts';
import { createDataSource, newId, queryRows, runMigrations } from '#libs/database';
import { runInContext } from '#libs/observability';
import { cleanupOnce, testDatabase } from '#libs/testing';
import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import type { DataSource, EntityManager, MigrationInterface, QueryRunner } from 'typeorm';
import { z } from 'zod';
import { AuditLog, type AuditInput } from '../src/audit-log';
import { createAuditLog, dropAuditLog } from '../src/tables';

class CreateAuditLog implements MigrationInterface {
  readonly name = 'CreateAuditLog1767100000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await createAuditLog(queryRunner);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await dropAuditLog(queryRunner);
  }
}

export const auditMigrations = [CreateAuditLog];

/** A database as operators set it up: one role owns the tables and is no superuser, and another is the service's. */
export interface AuditedDatabase {
  readonly service: DataSource;
  readonly owner: DataSource;
  /** Passes privileges and row-level security. */
  readonly superuser: DataSource;
  readonly serviceUrl: string;
}

export async function auditedDatabase(): Promise<AuditedDatabase> {
  const suffix = randomBytes(6).toString('hex');
  const [ownerRole, serviceRole] = [`audit_owner_${suffix}`, `audit_service_${suffix}`];
  const server = (await testDatabase('audit_roles')).url;
  await asAdmin(server, [
    `CREATE ROLE ${ownerRole} LOGIN PASSWORD 'o'`,
    `CREATE ROLE ${serviceRole} LOGIN PASSWORD 's'`,
  ]);
  cleanupOnce(() => asAdmin(server, [`DROP ROLE ${ownerRole}`, `DROP ROLE ${serviceRole}`]));
  const { url, name } = await testDatabase('audit');
  await asAdmin(url, [
    `ALTER DATABASE ${name} OWNER TO ${ownerRole}`,
    `GRANT CONNECT ON DATABASE ${name} TO ${serviceRole}`,
  ]);
  const byDefault = 'ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT';
  await asAdmin(urlAs(url, ownerRole, 'o'), [
    `GRANT USAGE ON SCHEMA public TO ${serviceRole}`,
    `${byDefault} SELECT, INSERT, UPDATE, DELETE ON TABLES TO ${serviceRole}`,
  ]);
  await runMigrations(urlAs(url, ownerRole, 'o'), auditMigrations);
  const serviceUrl = urlAs(url, serviceRole, 's');
  const [service, owner, superuser] = await Promise.all([
    connect(serviceUrl, 10),
    connect(urlAs(url, ownerRole, 'o'), 2),
    connect(url, 2),
  ]);
  return { service, owner, superuser, serviceUrl };
}

async function connect(url: string, poolSize: number): Promise<DataSource> {
  const source = await createDataSource({ url, service: 'auth', poolSize, entities: [] }).initialize();
  cleanupOnce(() => source.destroy());
  return source;
}

async function asAdmin(url: string, statements: readonly string[]): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

function urlAs(server: string, role: string, password: string): string {
  const url = new URL(server);
  url.username = role;
  url.password = password;
  return url.href;
}

const auditLog = new AuditLog();

export function anEntry(organizationId: string | null, changes: Partial<AuditInput> = {}): AuditInput {
  return { organizationId, act: 'member.role_changed', target: { type: 'membership', id: newId() }, ...changes };
}

/** Runs in a transaction of the tenant, or across tenants for null. */
export async function inTenant<T>(
  source: DataSource,
  organizationId: string | null,
  work: (manager: EntityManager) => Promise<T>,
): Promise<T> {
  return source.transaction(async (manager) => {
    const [setting, value] = organizationId === null ? ['app.platform', 'on'] : ['app.organization_id', organizationId];
    await manager.query('SELECT set_config($1, $2, true)', [setting, value]);
    return work(manager);
  });
}

export function record(source: DataSource, entry: AuditInput, actor: Actor | null = null): Promise<void> {
  const client = { ip: '192.0.2.7', userAgent: '', deviceId: null };
  return runInContext({ requestId: 'request-1', traceparent: null, actor, locale: 'en', client }, () =>
    inTenant(source, entry.organizationId, (manager) => auditLog.record(manager, entry)),
  );
}

const storedEntry = z.looseObject({
  id: z.uuid(),
  organization_id: z.uuid().nullable(),
  sequence: z.coerce.number(),
  created_at: z.date(),
  previous_hash: z.instanceof(Buffer),
  hash: z.instanceof(Buffer),
});

export function entriesOf(source: DataSource, organizationId: string | null) {
  const sql = 'SELECT * FROM audit_entries WHERE organization_id IS NOT DISTINCT FROM $1 ORDER BY sequence';
  return queryRows(source.manager, sql, [organizationId], storedEntry);
}
