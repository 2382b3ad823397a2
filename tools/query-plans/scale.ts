/** How many rows are loaded. The other tables are proportional to these. */
export interface Scale {
  readonly users: number;
  readonly organizations: number;
  readonly auditRows: number;
}

/** The scale that the promises of docs/performance.md are about. */
export const fullScale: Scale = { users: 1_000_000, organizations: 100_000, auditRows: 5_000_000 };

/** Just above the size that a plan can read completely, and loaded in a few seconds. */
export const smallScale: Scale = { users: 10_500, organizations: 10_200, auditRows: 16_000 };

/** A table with more rows than this must be read by an index. */
export const mostRowsScanned = 10_000;

/** The numbers that follow from a scale. */
export interface Proportions extends Scale {
  /** Members of every organization. Larger ones have more. */
  readonly members: number;
  readonly invitations: number;
  /** Approximate members, invitations and audit log entries of the largest organization. */
  readonly largest: { readonly members: number; readonly invitations: number; readonly entries: number };
  readonly platformEntries: number;
  readonly sessions: number;
  /** Per session. */
  readonly refreshTokens: number;
  readonly securityEvents: number;
  /** API keys, passkeys, linked identities and second factors, each. */
  readonly credentials: number;
  /** Per second factor. */
  readonly recoveryCodes: number;
  /** Rows of each table with temporary data: tokens, challenges, attempts, announcements. */
  readonly passing: number;
}

/** The n-th organization has `n ** -exponent` of what the largest has. */
export const exponents = { members: 0.9, invitations: 1, entries: 0.8 } as const;

export function proportionsOf(scale: Scale): Proportions {
  const { users, organizations, auditRows } = scale;
  const platformEntries = Math.ceil(auditRows / 100);
  // Each chain has at least one entry.
  const shared = Math.max(0, auditRows - platformEntries - organizations);
  const least = 10_100;
  const each = Math.max(1, Math.min(3, Math.round(users / 50_000)));
  return {
    ...scale,
    members: Math.max(1, Math.round((0.6 * users) / organizations)),
    invitations: Math.min(2, each),
    largest: {
      members: Math.min(1_500, Math.floor(users / 20)),
      invitations: Math.max(300, Math.round(users / 50)),
      entries: Math.floor(shared / sumOfPowers(organizations, exponents.entries)),
    },
    platformEntries,
    sessions: Math.round(users * 1.5),
    refreshTokens: each,
    securityEvents: users * each,
    credentials: Math.max(least, Math.round(users / 10)),
    recoveryCodes: Math.max(1, Math.min(10, Math.round(users / 10_000))),
    passing: Math.max(least, Math.round(users / 50)),
  };
}

function sumOfPowers(count: number, exponent: number): number {
  let sum = 0;
  for (let n = 1; n <= count; n++) sum += n ** -exponent;
  return sum;
}
