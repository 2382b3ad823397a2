import type { Passkey } from '#libs/contracts';

export function passkeyWith(overrides: Partial<Passkey> = {}): Passkey {
  return {
    id: '01890a5d-ac96-774b-bcce-b302099a8060',
    name: 'Phone',
    createdAt: '2026-01-01T00:00:00.000Z',
    lastUsedAt: null,
    backedUp: true,
    ...overrides,
  };
}
