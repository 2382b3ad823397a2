import { defineRpc, type Actor, type RequestContext } from '#libs/contracts';
import { z } from 'zod';

/** A request of ordinary size with fields that need validation. */
export const saveProfile = defineRpc('billing', 'benchSaveProfile', {
  access: 'user',
  request: z.strictObject({
    email: z.email(),
    name: z.string().min(1).max(100),
    locale: z.string().max(35),
    tags: z.array(z.string()).max(10),
  }),
  response: z.strictObject({
    id: z.uuid(),
    email: z.string(),
    name: z.string(),
    locale: z.string(),
    tags: z.array(z.string()),
    createdAt: z.iso.datetime(),
  }),
  errors: ['not_found'],
  timeoutMs: 10_000,
});

export const profile = { email: 'ada@example.com', name: 'Ada Lovelace', locale: 'en-GB', tags: ['engine', 'notes'] };
const id = '0198c0de-0000-7000-8000-000000000000';
const actor: Actor = {
  kind: 'session',
  userId: id,
  sessionId: id,
  authenticatedAt: 1_790_000_000,
  organizationId: id,
  roles: [],
};

export const caller: RequestContext & { actor: Actor } = {
  requestId: '0198c0de-1111-7000-8000-000000000000',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  actor,
  locale: 'en-GB',
  client: { ip: '203.0.113.7', userAgent: 'Mozilla/5.0 (X11; Linux x86_64) bench', deviceId: null },
};

export async function respond(input: typeof profile, { userId }: Actor) {
  return { id: userId, ...input, createdAt: '2026-01-01T00:00:00.000Z' };
}

export const subjects = ['libs/rpc', "Nest's Redis transport", 'bare ioredis list'] as const;
export type Subject = (typeof subjects)[number];
export const isSubject = (text: unknown): text is Subject => subjects.some((subject) => subject === text);

export const nestPattern = 'profile.save';
export const bareRequests = 'bench:requests';
export const bareReplies = 'bench:replies';
