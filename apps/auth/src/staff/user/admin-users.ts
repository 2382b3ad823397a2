import { staffRole, type AdminUser, type AdminUserDetails, type ResponseOf, type searchUsers } from '#libs/contracts';
import { queryRows } from '#libs/database';
import { email, locale } from '#libs/validation';
import type { EntityManager } from 'typeorm';
import { z } from 'zod';
import { liveSession } from '../../session/session/sessions.table';
import { PrefixSearch, type SearchRequest } from '../search/prefix-search';

const summaryColumns = `
  id, email, name, locale, email_verified_at IS NOT NULL AS "emailVerified", mfa_enabled_at IS NOT NULL AS "mfaEnabled",
  staff_role AS "staffRole", created_at AS "createdAt", suspended_at AS "suspendedAt"`;

const summaryRow = z.object({
  id: z.string(),
  email: z.string(),
  name: z.string(),
  locale,
  emailVerified: z.boolean(),
  mfaEnabled: z.boolean(),
  staffRole: staffRole.nullable(),
  createdAt: z.date(),
  suspendedAt: z.date().nullable(),
});

const detailsRow = summaryRow.extend({
  suspensionReason: z.string().nullable(),
  hasPassword: z.boolean(),
  passkeys: z.int(),
  identities: z.array(z.string()),
  openSessions: z.int(),
  lastSeenAt: z.date().nullable(),
  apiKeys: z.int(),
});

function summaryOf({ createdAt, suspendedAt, ...user }: z.output<typeof summaryRow>): AdminUser {
  return { ...user, createdAt: createdAt.toISOString(), suspendedAt: suspendedAt?.toISOString() ?? null };
}

const details = `
  SELECT ${summaryColumns}, suspension_reason AS "suspensionReason", password_hash IS NOT NULL AS "hasPassword",
    (SELECT count(*)::int FROM passkeys WHERE user_id = users.id) AS passkeys,
    ARRAY(SELECT provider FROM identities WHERE user_id = users.id ORDER BY provider) AS identities,
    (SELECT count(*)::int FROM api_keys WHERE user_id = users.id AND revoked_at IS NULL AND expires_at > now()) AS "apiKeys",
    seen."openSessions", seen."lastSeenAt"
  FROM users, LATERAL (
    SELECT count(*) FILTER (WHERE ${liveSession})::int AS "openSessions",
      max(last_seen_at) AS "lastSeenAt"
    FROM sessions WHERE user_id = users.id AND impersonator_id IS NULL) seen
  WHERE id = $1`;

const search = new PrefixSearch({
  table: 'users',
  key: 'email',
  name: 'lower(name)',
  columns: summaryColumns,
  row: summaryRow,
});

/** By `users_pkey`, `users_email_prefix_idx` and `users_name_prefix_idx`. @throws ProblemError `validation_failed` */
export function findUsers(manager: EntityManager, request: SearchRequest): Promise<ResponseOf<typeof searchUsers>> {
  const { query } = request;
  // A whole address is looked for as it is stored: `ada@bücher.example` under its A-labels.
  return search.page(
    manager,
    query === undefined ? request : { ...request, query: email.safeParse(query).data ?? query },
    summaryOf,
  );
}

/** Of one account. Sessions in which the staff acts as its person do not count. */
export async function detailsOf(manager: EntityManager, id: string): Promise<AdminUserDetails | undefined> {
  const [found] = await queryRows(manager, details, [id], detailsRow);
  if (found === undefined) return undefined;
  const { lastSeenAt, ...rest } = found;
  return { ...rest, ...summaryOf(rest), lastSeenAt: lastSeenAt?.toISOString() ?? null };
}
