// The minimum that could serve GET /users/me: one Fastify, a pool and the same SELECT, without token,
// gateway and Redis.
import fastify from 'fastify';
import { Pool } from 'pg';
import { z } from 'zod';
import { serveRequests } from './bench-process';

const start = z.object({ databaseUrl: z.string(), userId: z.uuid() });

serveRequests(async (request) => {
  const { databaseUrl, userId } = start.parse(request);
  // As many connections as each service has by default.
  const pool = new Pool({ connectionString: databaseUrl, max: 10 });
  const server = fastify();
  server.get('/users/me', async () => {
    const { rows } = await pool.query(
      `SELECT id, email, email_verified_at, name, avatar_url, locale, mfa_enabled_at, created_at, updated_at, password_hash
       FROM users WHERE id = $1 LIMIT 1`,
      [userId],
    );
    return responseOf(user.parse(rows[0]));
  });
  return { url: await server.listen({ host: '127.0.0.1', port: 0 }) };
});

const user = z.object({
  id: z.string(),
  email: z.string(),
  email_verified_at: z.date().nullable(),
  name: z.string(),
  avatar_url: z.string().nullable(),
  locale: z.string(),
  mfa_enabled_at: z.date().nullable(),
  created_at: z.date(),
});

function responseOf(row: z.output<typeof user>) {
  return {
    id: row.id,
    email: row.email,
    emailVerified: row.email_verified_at !== null,
    name: row.name,
    avatarUrl: row.avatar_url,
    locale: row.locale,
    mfaEnabled: row.mfa_enabled_at !== null,
    createdAt: row.created_at.toISOString(),
  };
}
