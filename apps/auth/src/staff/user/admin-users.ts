import type { AdminUser, AdminUserDetails, ResponseOf, searchUsers } from '#libs/contracts';
import { columnsOf, PrefixSearch, queryRows, type SearchRequest } from '#libs/database';
import { email } from '#libs/validation';
import type { EntityManager } from 'typeorm';
import { z } from 'zod';
import { User } from '../../account/user/users.table';
import { liveSession } from '../../session/session/sessions.table';

const summary = columnsOf(User, [
  ...(['id', 'email', 'name', 'locale', 'emailVerifiedAt', 'mfaEnabledAt'] as const),
  ...(['staffRole', 'createdAt', 'suspendedAt', 'suspensionReason'] as const),
]);
const counted = z.object({
  hasPassword: z.boolean(),
  passkeys: z.int(),
  identities: z.array(z.string()),
  openSessions: z.int(),
  lastSeenAt: z.date().nullable(),
  apiKeys: z.int(),
});

function summaryOf({ id, email, name, locale, staffRole, ...times }: z.output<typeof summary.row>): AdminUser {
  return {
    ...{ id, email, name, locale, staffRole },
    emailVerified: times.emailVerifiedAt !== null,
    mfaEnabled: times.mfaEnabledAt !== null,
    createdAt: times.createdAt.toISOString(),
    suspendedAt: times.suspendedAt?.toISOString() ?? null,
  };
}

const details = `
  SELECT ${summary.list}, password_hash IS NOT NULL AS "hasPassword",
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
  columns: summary.list,
  row: summary.row,
});

/**
 * Uses `users_pkey`, `users_email_prefix_idx` and `users_name_prefix_idx`.
 * @throws ProblemError `validation_failed`
 */
export function findUsers(manager: EntityManager, request: SearchRequest): Promise<ResponseOf<typeof searchUsers>> {
  const { query } = request;
  // A full email address is searched as it is stored: `ada@bücher.example` with its A-labels.
  return search.page(
    manager,
    query === undefined ? request : { ...request, query: email.safeParse(query).data ?? query },
    summaryOf,
  );
}

/** Impersonations of the user do not count as sessions. */
export async function detailsOf(manager: EntityManager, id: string): Promise<AdminUserDetails | undefined> {
  const [found] = await queryRows(manager, details, [id], summary.row.and(counted));
  if (found === undefined) return undefined;
  const { hasPassword, passkeys, identities, openSessions, apiKeys, suspensionReason, lastSeenAt } = found;
  const counts = { hasPassword, passkeys, identities, openSessions, apiKeys };
  return { ...summaryOf(found), ...counts, suspensionReason, lastSeenAt: lastSeenAt?.toISOString() ?? null };
}
