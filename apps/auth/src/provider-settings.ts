import { describeVariable, inProduction } from '#libs/config';
import { z } from 'zod';

/** An OpenID Connect issuer, as the operator configures it. */
export interface OidcProviderSettings {
  /** Part of URLs and of stored identities, so it must not change. */
  readonly id: string;
  /** Shown to users. */
  readonly name: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

const loopback = /^(localhost|127\.0\.0\.1|\[::1\])$/;
/** `/auth/oauth/providers` is another route. */
const reservedId = 'providers';

// Each message is complete, because Zod's own messages may be unclear or contain the value.
const text = (longest: number) =>
  z
    .string({ error: 'is missing' })
    .trim()
    .min(1, 'is missing')
    .max(longest, 'is too long')
    // Names appear in emails and in the security log, whose JSON column rejects NUL.
    .regex(/^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]*$/u, 'must be one line of printable characters');

const settings = z.strictObject(
  {
    id: text(32)
      .regex(/^[a-z][a-z0-9-]{0,31}$/, 'must be lowercase letters, digits, and hyphens, and start with a letter')
      .refine((id) => id !== reservedId, `must not be "${reservedId}"`),
    name: text(64),
    issuer: text(2_048).refine(isIssuer, 'must be a URL that starts with https:// (http:// for localhost only)'),
    clientId: text(512),
    clientSecret: text(2_048),
  },
  { error: 'must be {"id", "name", "issuer", "clientId", "clientSecret"} and nothing else' },
);
const listed = z
  .array(settings, { error: 'must be a JSON list' })
  .min(1, 'must have at least one provider')
  .max(20, 'is too long');

/** Parses a JSON list. Messages name the entry and the field but never a value, which can be a secret. */
export const oidcProviders = inProduction(
  describeVariable(
    z.string().transform((json, context): OidcProviderSettings[] => {
      const { data, error } = listed.safeParse(parsed(json));
      const complaint = error === undefined ? repeatedId(data) : sentenceOf(error);
      if (complaint !== undefined) context.addIssue({ code: 'custom', message: complaint });
      return data ?? z.NEVER;
    }),
    { expected: 'a JSON list of {"id", "name", "issuer", "clientId", "clientSecret"}' },
  ),
  (json) => {
    const insecure = listed.safeParse(parsed(json ?? '')).data?.findIndex(({ issuer }) => !issuer.startsWith('https:'));
    return insecure === undefined || insecure === -1
      ? undefined
      : `Entry ${insecure + 1}: issuer must start with https://.`;
  },
);

export function googleSettings(clientId: string, clientSecret: string): OidcProviderSettings {
  return { id: 'google', name: 'Google', issuer: 'https://accounts.google.com', clientId, clientSecret };
}

function isIssuer(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.search !== '' || url.hash !== '' || url.username !== '' || url.password !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && loopback.test(url.hostname));
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function sentenceOf({ issues: [issue] }: z.ZodError): string {
  const [index, field] = issue?.path ?? [];
  const message = issue?.message ?? 'is not valid';
  if (index === undefined) return `It ${message}.`;
  const entry = `Entry ${Number(index) + 1}`;
  return field === undefined ? `${entry} ${message}.` : `${entry}: ${String(field)} ${message}.`;
}

function repeatedId(providers: readonly OidcProviderSettings[]): string | undefined {
  const ids = providers.map(({ id }) => id);
  const repeated = ids.find((id, index) => ids.indexOf(id) !== index);
  return repeated === undefined ? undefined : `Two entries have the id ${repeated}.`;
}
