import type { Proportions } from './scale';

/** Has signed in often, on many devices, and is a member of many organizations. */
export const busiest = 7;
/** The first accounts are staff. */
export const staff = 5;

/** `n` counts from 0. */
const upTo = (count: number) => `FROM generate_series(0::bigint, ${count - 1}) AS n`;

type Insert = [table: string, sql: string];

/** @param passwordHash the hash of every user */
export function accountRows(proportions: Proportions, passwordHash: string): Insert[] {
  return [
    ...personRows(proportions, passwordHash),
    ...eventRows(proportions),
    ...credentialRows(proportions),
    ...signInRows(proportions),
    ...announcementRows(proportions),
  ];
}

function personRows({ users, sessions, refreshTokens }: Proportions, passwordHash: string): Insert[] {
  return [
    [
      'users',
      `INSERT INTO users (id, email, name, locale, password_hash, email_verified_at, mfa_enabled_at, staff_role, suspended_at,
         suspension_reason, created_at, updated_at)
       SELECT bench.user(n), bench.email(n), bench.name(n), 'en', '${passwordHash}',
         CASE WHEN n % 50 <> 49 THEN bench.at(bench.user_ms(n)) END, CASE WHEN n % 10 = 1 THEN bench.at(bench.user_ms(n)) END,
         CASE WHEN n < ${staff} THEN 'admin' END, CASE WHEN n % 997 = 500 THEN now() END,
         CASE WHEN n % 997 = 500 THEN 'Spam' END, bench.at(bench.user_ms(n)),
         CASE WHEN n % 5000 = 4999 THEN now() - interval '40 days' ELSE now() END ${upTo(users)}`,
    ],
    [
      'sessions',
      `INSERT INTO sessions (id, user_id, epoch, ip, user_agent, created_at, authenticated_at, last_seen_at, expires_at, ended_at,
         end_reason, second_factor)
       SELECT bench.session(n), bench.user(CASE WHEN n < ${staff} THEN n WHEN n < 110 THEN ${busiest} ELSE n * 48271 % ${users} END),
         0, '198.51.100.' || n % 250, 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', made, made, made,
         made + interval '30 days', CASE WHEN n % 3 = 2 AND n > 200 THEN made END, CASE WHEN n % 3 = 2 AND n > 200 THEN 'logout' END,
         n < ${staff}
       ${upTo(sessions)}, LATERAL (SELECT bench.at(bench.session_ms(n)) AS made OFFSET 0) AS time`,
    ],
    [
      'refresh_tokens',
      `INSERT INTO refresh_tokens (hash, session_id, created_at, expires_at, rotated_at)
       SELECT bench.hashed('refresh ' || n || ' ' || age), bench.session(n), made, made + interval '29 days',
         CASE WHEN age > 0 THEN made END
       ${upTo(sessions)}, LATERAL (SELECT bench.at(bench.session_ms(n)) AS made OFFSET 0) AS time, generate_series(0, ${refreshTokens - 1}) AS age`,
    ],
  ];
}

function eventRows({ users, securityEvents }: Proportions): Insert[] {
  return [
    [
      'security_events',
      `INSERT INTO security_events (id, user_id, type, ip, user_agent, request_id, details, created_at)
       SELECT bench.id('event', n, ms), bench.user(CASE WHEN n < ${Math.min(5_000, Math.round(securityEvents / 4))} THEN ${busiest} ELSE n * 69621 % ${users} END), 'signed_in',
         '198.51.100.' || n % 250, 'Firefox', 'bench', '{"method": "password"}', bench.at(ms)
       ${upTo(securityEvents)}, LATERAL (SELECT (extract(epoch FROM now()) - (n * 7 + 1) % 31000000 - CASE WHEN n % 3000 = 9
           THEN 5000000 ELSE 0 END)::bigint * 1000 AS ms OFFSET 0) AS time`,
    ],
  ];
}

function credentialRows(proportions: Proportions): Insert[] {
  const { users, credentials: count, recoveryCodes } = proportions;
  const owner = (n: string) => `bench.user(CASE WHEN n < 10 THEN ${busiest} ELSE ${n} % ${users} END)`;
  const id = (kind: string) => `bench.id('${kind}', n, bench.user_ms(n % ${users}))`;
  return [
    [
      'api_keys',
      `INSERT INTO api_keys (id, user_id, name, hint, hash, scopes, expires_at, revoked_at)
       SELECT ${id('key')}, ${owner('n * 16807')}, 'Key ' || n, 'gw_live_…', bench.hashed('key ' || n), '{profile:read}',
         now() + CASE WHEN n % 400 = 99 THEN interval '-40 days' ELSE interval '90 days' END,
         CASE WHEN n % 20 = 19 THEN now() - interval '1 day' END ${upTo(count)}`,
    ],
    [
      'passkeys',
      `INSERT INTO passkeys (id, user_id, credential_id, public_key, counter, transports, name, device_type, backed_up)
       SELECT ${id('passkey')}, ${owner('(n * 16807 + 1)')}, bench.secret('passkey ' || n), '\\x00', 0, '{internal}',
         'Phone', 'multiDevice', true ${upTo(count)}`,
    ],
    [
      'identities',
      `INSERT INTO identities (id, user_id, provider, issuer, subject, email)
       SELECT ${id('identity')}, ${owner('(n * 16807 + 2)')}, 'google', 'https://accounts.example.com', n::text,
         bench.email(n % ${users}) ${upTo(count)}`,
    ],
    [
      'totp_credentials',
      `INSERT INTO totp_credentials (user_id, secret, confirmed_at)
       SELECT bench.user(n), 'sealed', now() ${upTo(Math.min(users, count))}`,
    ],
    [
      'recovery_codes',
      `INSERT INTO recovery_codes (user_id, hash)
       SELECT bench.user(n), bench.secret('code ' || n || ' ' || code)
       ${upTo(Math.min(users, count))}, generate_series(1, ${recoveryCodes}) AS code`,
    ],
  ];
}

/** Rows of flows in progress or just finished. One of 400 has expired. */
function signInRows({ users, passing }: Proportions): Insert[] {
  const until = "now() + CASE WHEN n % 400 = 99 THEN interval '-8 days' ELSE interval '9 minutes' END";
  const person = `bench.user(n * 16807 % ${users})`;
  return [
    [
      'one_time_tokens',
      `INSERT INTO one_time_tokens (selector, purpose, verifier_hash, user_id, data, expires_at)
       SELECT left(bench.secret('token ' || n), 22), 'magic-link', bench.hashed('token ' || n), ${person}, '{}', ${until} ${upTo(passing)}`,
    ],
    [
      'webauthn_challenges',
      `INSERT INTO webauthn_challenges (hash, kind, user_id, expires_at)
       SELECT bench.secret('challenge ' || n), 'enrol', ${person}, ${until} ${upTo(passing)}`,
    ],
    [
      'sign_in_attempts',
      `INSERT INTO sign_in_attempts (id, failures, blocked_until, expires_at)
       SELECT sha256(convert_to('attempt ' || n, 'UTF8')), 1, '-infinity', ${until} ${upTo(passing)}`,
    ],
    [
      'oauth_flows',
      `INSERT INTO oauth_flows (state_hash, browser_hash, provider, sealed_secrets, return_to, session_id, expires_at)
       SELECT bench.secret('state ' || n), 'browser', 'google', 'sealed', '/', bench.session(n), ${until} ${upTo(passing)}`,
    ],
  ];
}

/** Events that were announced and handled a day ago. */
function announcementRows({ passing }: Proportions): Insert[] {
  return [
    [
      'outbox',
      `INSERT INTO outbox (id, event, payload, context, created_at)
       SELECT bench.id('event', n, (extract(epoch FROM now())::bigint - 86400) * 1000 + n), 'mail.requested', 'sealed', '{}',
         now() - interval '1 day' ${upTo(passing)}`,
    ],
    [
      'outbox_deliveries',
      `INSERT INTO outbox_deliveries (event_id, subscriber, relayed_at, acknowledged_at, next_attempt_at)
       SELECT id, 'notification', now(), now(), now() + interval '1 day' FROM outbox`,
    ],
    [
      'inbox',
      `INSERT INTO inbox (event_id, processed_at)
       SELECT bench.id('done', n, (extract(epoch FROM now())::bigint - 86400) * 1000 + n), now() - interval '1 day' ${upTo(passing)}`,
    ],
  ];
}
