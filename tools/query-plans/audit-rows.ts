import type { Proportions } from './scale';

/** Frequent actions, and one that is rare. */
const acts = `('{member.joined,member.role_changed,invitation.created,invitation.accepted,role.updated,member.left}'::text[])[1 + sequence % 6]`;
const rareAct = 'organization.logo_changed';

/** The chains, with the platform's own first. `until` sums up their entries, so that they can be loaded in parts. */
export function auditChains({ platformEntries }: Proportions): string[] {
  return [
    `CREATE TABLE bench.audit_chain AS
     SELECT *, sum(entries) OVER (ORDER BY k) AS until FROM (
       SELECT 0::bigint AS k, NULL::uuid AS id, ${platformEntries}::bigint AS entries, 1::bigint AS members
       UNION ALL SELECT k, id, entries, members FROM bench.organization
     ) AS chains`,
    'ALTER TABLE bench.audit_chain ADD PRIMARY KEY (k)',
    'ANALYZE bench.audit_chain',
  ];
}

/**
 * Inserts the chains whose last entries are from `$1` to `$2` in the order of all. The fences (OFFSET 0)
 * make PostgreSQL compute each expression once. JSON is in canonical form: see docs/audit-log.md.
 */
export const auditEntries = `
  INSERT INTO audit_entries (id, organization_id, sequence, actor_kind, actor_id, credential_id, act, target_type, target_id, after,
    request_id, ip, salt, details_hash, created_at, previous_hash, hash)
  SELECT id, organization_id, sequence, 'session', actor_id, credential_id, act, 'membership', target_id::text, after::jsonb,
    request_id, ip, salt, details_hash, created_at,
    coalesce(lag(hash) OVER (PARTITION BY k ORDER BY sequence), decode(repeat('00', 32), 'hex')), hash
  FROM (
    SELECT *, bench.chain(sequence, created_at, sha256(convert_to(
      '{"act":"' || act || '","actorId":"' || actor_id || '","actorKind":"session","credentialId":"' || credential_id ||
      '","detailsHash":"' || encode(details_hash, 'hex') || '","id":"' || id || '","impersonatorId":null,"organizationId":' ||
      coalesce('"' || organization_id || '"', 'null') || ',"requestId":"' || request_id || '","targetId":"' || target_id ||
      '","targetType":"membership"}', 'UTF8'))) OVER (PARTITION BY k ORDER BY sequence) AS hash
    FROM (
      SELECT *, sha256(convert_to('{"after":' || after || ',"before":null,"ip":"' || ip || '","salt":"' || encode(salt, 'hex') || '"}',
        'UTF8')) AS details_hash
      FROM (
        SELECT k, chain.id AS organization_id, sequence, bench.at(ms) AS created_at, bench.id('entry' || k, sequence, ms) AS id,
          bench.user(bench.member(k, sequence * 31 % members)) AS actor_id, bench.id('by' || k, sequence, ms) AS credential_id,
          CASE WHEN sequence % 5000 = 1 THEN '${rareAct}' ELSE ${acts} END AS act,
          bench.user(bench.member(k, sequence * 17 % members)) AS target_id,
          '{"role":"member","roleName":"Role ' || sequence % 9 || '"}' AS after, md5('request' || sequence) AS request_id,
          '198.51.100.' || sequence % 250 AS ip, decode(md5(k || ' ' || sequence), 'hex') AS salt
        FROM bench.audit_chain AS chain, generate_series(1::bigint, entries) AS sequence,
          LATERAL (SELECT bench.organization_ms(0) + sequence * (725::bigint * 86400000) / (entries + 1) AS ms OFFSET 0) AS time
        WHERE until > $1 AND until <= $2
        OFFSET 0
      ) AS facts
      OFFSET 0
    ) AS detailed
  ) AS chained`;

/** The head of each chain is its last entry. */
const head = (which: string) => `
  INSERT INTO audit_chains (organization_id, sequence, created_at, previous_hash, hash)
  SELECT entry.organization_id, entry.sequence, entry.created_at, entry.previous_hash, entry.hash
  FROM bench.audit_chain AS chain JOIN audit_entries AS entry ON ${which} AND entry.sequence = chain.entries`;

export const auditHeads = [
  head('entry.organization_id = chain.id'),
  head('entry.organization_id IS NULL AND chain.id IS NULL'),
];
