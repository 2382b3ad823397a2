import { platformRoles, type SessionActor } from '#libs/contracts';
import { Client } from 'pg';
import { z } from 'zod';
import { busiest } from './account-rows';

const sampleUser = z.object({ userId: z.uuid(), sessionId: z.uuid(), email: z.string(), name: z.string() });
const tenant = z.object({
  id: z.uuid(),
  ownerId: z.uuid(),
  memberId: z.uuid(),
  slug: z.string(),
  name: z.string(),
});
const secrets = z.object({ refreshToken: z.string(), apiKeyHash: z.string() });

/** A user with an open session. */
export type SampleUser = z.output<typeof sampleUser>;
/** An active organization, with its owner and another member. */
export type TenantSubject = z.output<typeof tenant>;

/** The users and organizations that the queries are run for. */
export interface Subjects {
  readonly people: readonly SampleUser[];
  readonly busiest: SampleUser;
  readonly staff: SampleUser;
  readonly tenants: readonly TenantSubject[];
  readonly largest: TenantSubject;
  /** Unused tokens and keys. */
  readonly secrets: readonly z.output<typeof secrets>[];
}

const peopleSql = `
  SELECT users.id AS "userId", sessions.id AS "sessionId", email, name
  FROM sessions JOIN users ON users.id = user_id
  WHERE ended_at IS NULL AND expires_at > now() AND suspended_at IS NULL AND email_verified_at IS NOT NULL`;

const tenantSql = `
  SELECT o.id, bench.user(bench.member(k, 0)) AS "ownerId", bench.user(bench.member(k, 1)) AS "memberId", slug, name
  FROM bench.organization AS o JOIN organizations ON organizations.id = o.id
  WHERE organizations.suspended_at IS NULL AND delete_after IS NULL`;

/**
 * @param url of a superuser
 * @param count of each kind
 */
export async function subjectsOf(url: string, count: number): Promise<Subjects> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const read = async <Row extends z.ZodType>(row: Row, sql: string, parameters: unknown[]) =>
    z
      .array(row)
      .min(1)
      .parse((await client.query(sql, parameters)).rows);
  const first = async <Row extends z.ZodType>(row: Row, sql: string, parameters: unknown[]) => {
    const [found] = await read(row, sql, parameters);
    if (found === undefined) throw new Error(`Nothing was found by ${sql}`);
    return found;
  };
  try {
    return {
      people: await read(sampleUser, `${peopleSql} ORDER BY md5(sessions.id::text) LIMIT $1`, [count]),
      busiest: await first(sampleUser, `${peopleSql} AND users.id = bench.user($1) LIMIT 1`, [busiest]),
      staff: await first(sampleUser, `${peopleSql} AND users.id = bench.user(0) AND second_factor LIMIT 1`, []),
      tenants: await read(tenant, `${tenantSql} ORDER BY md5(k::text) LIMIT $1`, [count]),
      largest: await first(tenant, `${tenantSql} AND k = 1`, []),
      secrets: await read(
        secrets,
        `SELECT bench.secret('refresh ' || 3 * n || ' 0') AS "refreshToken", bench.hashed('key ' || 20 * n) AS "apiKeyHash"
         FROM generate_series(100, 99 + $1::int) AS n`,
        [count],
      ),
    };
  } finally {
    await client.end();
  }
}

/** A user who has just signed in. */
export function asUser({ userId, sessionId }: Pick<SampleUser, 'userId' | 'sessionId'>): SessionActor {
  const authenticatedAt = Math.floor(Date.now() / 1_000);
  return { kind: 'session', userId, sessionId, authenticatedAt, organizationId: null, roles: [] };
}

/** The organization's owner, who has every permission in it. */
export function asOwner({ ownerId }: TenantSubject): SessionActor {
  return asUser({ userId: ownerId, sessionId: ownerId });
}

export function asStaff(staff: SampleUser): SessionActor {
  return { ...asUser(staff), roles: [platformRoles.admin] };
}
