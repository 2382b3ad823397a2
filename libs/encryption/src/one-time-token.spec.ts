import { createOneTimeToken, hashVerifier, parseOneTimeToken, verifierMatches } from './one-time-token';

const purpose = 'email-verification';

function partsOf(token: string) {
  const parts = parseOneTimeToken(token);
  if (parts === null) throw new Error('The token did not parse.');
  return parts;
}

describe('a one-time token', () => {
  it('is found by its selector and verified by its verifier', () => {
    const { token, selector, verifierHash } = createOneTimeToken(purpose);
    const parts = partsOf(token);
    expect(parts.selector).toBe(selector);
    expect(verifierMatches(purpose, parts.verifier, verifierHash)).toBe(true);
    expect(hashVerifier(purpose, parts.verifier)).toBe(verifierHash);
  });

  it('stores nothing that could be used as a token', () => {
    const { token, selector, verifierHash } = createOneTimeToken(purpose);
    const { verifier } = partsOf(token);
    expect(`${selector} ${verifierHash}`).not.toContain(verifier);
    expect(verifierMatches(purpose, verifierHash, verifierHash)).toBe(false);
  });

  it('works only for its own purpose', () => {
    const { token, verifierHash } = createOneTimeToken(purpose);
    const { verifier } = partsOf(token);
    for (const other of ['password-reset', '', `${purpose}s`, `${purpose}\0`]) {
      expect(verifierMatches(other, verifier, verifierHash)).toBe(false);
    }
  });

  it('matches neither another token nor a damaged hash', () => {
    const [one, another] = [createOneTimeToken(purpose), createOneTimeToken(purpose)];
    const { verifier } = partsOf(one.token);
    for (const hash of [another.verifierHash, '', one.verifierHash.slice(1), `${one.verifierHash}=`]) {
      expect(verifierMatches(purpose, verifier, hash)).toBe(false);
    }
  });

  it('does not match with any single bit of its verifier flipped', () => {
    const { token, verifierHash } = createOneTimeToken(purpose);
    const bytes = Buffer.from(partsOf(token).verifier, 'base64url');
    for (let bit = 0; bit < 256; bit++) {
      const tampered = Buffer.from(bytes);
      tampered[bit >> 3] = (tampered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(verifierMatches(purpose, tampered.toString('base64url'), verifierHash)).toBe(false);
    }
  });

  it('needs no escaping in a link and fits the contract', () => {
    expect(createOneTimeToken(purpose).token).toMatch(/^[\w-]{22}\.[\w-]{43}$/);
  });

  it('never repeats', () => {
    const tokens = Array.from({ length: 1000 }, () => createOneTimeToken(purpose));
    expect(new Set(tokens.map(({ selector }) => selector)).size).toBe(1000);
    expect(new Set(tokens.map(({ verifierHash }) => verifierHash)).size).toBe(1000);
  });
});

describe('parseOneTimeToken', () => {
  const selector = 'A'.repeat(22);
  const verifier = 'A'.repeat(43);

  it('accepts only the canonical form', () => {
    expect(parseOneTimeToken(`${selector}.${verifier}`)).toEqual({ selector, verifier });
  });

  it.each([
    '',
    '.',
    selector,
    `${selector}.`,
    `.${verifier}`,
    `${verifier}.${selector}`,
    `${selector}.${verifier}.`,
    `${selector}.${verifier}.${verifier}`,
    `${selector}.${verifier}=`,
    `${selector}=.${verifier}`,
    ` ${selector}.${verifier}`,
    `${selector}.${verifier}\n`,
    `${selector}.${verifier.slice(1)}`,
    `${selector}.${verifier}A`,
    // Extra bits after the last byte: the same bytes in another encoding.
    `${'A'.repeat(21)}B.${verifier}`,
    `${selector}.${'A'.repeat(42)}B`,
    `${'+'.repeat(22)}.${verifier}`,
    `${selector}.${'/'.repeat(43)}`,
    `${selector}.${'é'.repeat(43)}`,
    `${selector}\0.${verifier}`,
    '.'.repeat(1_000_000),
    'A'.repeat(1_000_000),
    "' OR 1=1 --",
  ])('refuses %#', (text) => expect(parseOneTimeToken(text)).toBeNull());
});
