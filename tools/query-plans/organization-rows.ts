import { busiest } from './account-rows';
import { exponents, type Proportions } from './scale';

const perMember = 'bench.organization AS o, generate_series(0::bigint, o.members - 1) AS j';

/** One row per organization with its size, which determines its other rows. */
export function organizationSizes(proportions: Proportions): string[] {
  const { organizations, members, invitations, largest, auditRows, platformEntries } = proportions;
  const share = (of: number, exponent: number) => `floor(${of} * power(k::float8, ${-exponent}))::bigint`;
  return [
    `CREATE TABLE bench.organization AS
     SELECT k, bench.organization(k) AS id, 1 + ${members} + ${share(largest.members, exponents.members)} AS members,
       ${invitations} + ${share(largest.invitations, exponents.invitations)} AS invitations,
       1 + round(${largest.entries} * power(k::float8, ${-exponents.entries}))::bigint AS entries,
       CASE WHEN k = 1 THEN 50 WHEN k % 2 = 0 THEN 2 ELSE 0 END AS roles
     FROM generate_series(1::bigint, ${organizations}) AS k`,
    // The remainder of the rounding.
    `UPDATE bench.organization SET entries = greatest(1, entries + ${auditRows - platformEntries} -
       (SELECT sum(entries) FROM bench.organization)) WHERE k = 1`,
    'ALTER TABLE bench.organization ADD PRIMARY KEY (k)',
    'ANALYZE bench.organization',
  ];
}

export function organizationRows(proportions: Proportions): [table: string, sql: string][] {
  const every = Math.max(1, Math.floor(proportions.organizations / 150));
  return [
    [
      'organizations',
      `INSERT INTO organizations (id, name, slug, seat_limit, suspended_at, deletion_requested_at, delete_after, created_at)
       SELECT id, bench.firm(k), replace(lower(bench.firm(k)), ' ', '-'), CASE WHEN k % 3 = 0 THEN 5000 END,
         CASE WHEN k % 499 = 7 THEN now() END, CASE WHEN k % 1000 = 3 THEN now() END,
         CASE WHEN k % 20000 = 3 THEN now() - interval '1 hour' WHEN k % 1000 = 3 THEN now() + interval '20 days' END,
         bench.at(bench.organization_ms(k)) FROM bench.organization`,
    ],
    [
      'organization_roles',
      `INSERT INTO organization_roles (id, organization_id, name, permissions)
       SELECT bench.role(k, i), id, 'Role ' || i, '{organization:read,members:read}'
       FROM bench.organization, generate_series(1::bigint, roles) AS i`,
    ],
    [
      'memberships',
      `INSERT INTO memberships (organization_id, user_id, role, custom_role_id, created_at)
       SELECT id, bench.user(bench.member(k, j)),
         CASE WHEN j = 0 THEN 'owner' WHEN j = 1 THEN 'admin' WHEN j % 7 = 3 AND roles > 0 THEN 'custom' ELSE 'member' END,
         CASE WHEN j > 1 AND j % 7 = 3 AND roles > 0 THEN bench.role(k, 1) END, bench.at(bench.organization_ms(k))
       FROM ${perMember}`,
    ],
    [
      'memberships',
      `INSERT INTO memberships (organization_id, user_id, role) SELECT id, bench.user(${busiest}), 'member'
       FROM bench.organization WHERE k % ${every} = 0 AND k % 1000 <> 3 ON CONFLICT DO NOTHING`,
    ],
    [
      'ownership_transfers',
      `INSERT INTO ownership_transfers (organization_id, from_user_id, to_user_id, expires_at)
       SELECT id, bench.user(bench.member(k, 0)), bench.user(bench.member(k, 1)),
         now() + CASE WHEN k % 400 = 99 THEN interval '-1 hour' ELSE interval '5 days' END
       FROM bench.organization WHERE k % 200 <> 3`,
    ],
    ['invitations', insertInvitations],
  ];
}

/**
 * The largest organization has no declined invitations, so a list of those reads all its invitations
 * unless an index helps.
 */
const insertInvitations = `
  INSERT INTO invitations (id, organization_id, email, role, invited_by, selector, verifier_hash, created_at, sent_at, expires_at,
    accepted_at, declined_at, revoked_at)
  SELECT bench.id('invitation' || k, i, ms), id, 'guest' || i || '.' || k || '@example.org', 'member',
    bench.user(bench.member(k, 0)), left(bench.secret('invitation ' || k || ' ' || i), 22), 'none', made, made,
    CASE WHEN state = 9 THEN now() + interval '3 days' WHEN i % 400 = 7 THEN now() - interval '31 days' ELSE least(made + interval '7 days', now() - interval '1 hour') END,
    CASE WHEN state < 5 THEN made END, CASE WHEN state = 5 THEN made END, CASE WHEN state = 6 THEN made END
  FROM bench.organization, generate_series(1::bigint, invitations) AS i,
    LATERAL (SELECT (extract(epoch FROM now())::bigint - 27 * 86400) * 1000 + i * (27::bigint * 86400000) / (invitations + 1) AS ms,
      CASE WHEN i % 10 = 5 AND k = 1 THEN 0 WHEN i % 10 = 9 AND i > 4500 THEN 8 ELSE i % 10 END AS state OFFSET 0) AS drawn,
    LATERAL (SELECT bench.at(ms) AS made OFFSET 0) AS time`;
