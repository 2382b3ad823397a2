import { SignedUrls } from './signed-urls';

const id = '01890a5d-ac96-474b-bcce-b302099a8057';
const [first, second] = [
  'cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=',
  'vC3kTqk0bJ5o6sW1t2mYzL8nQ4xR7uE9aB0dFgHiJkM=',
];
const url = 'https://app.acme.test/files';
const under = (keys: string, purpose = 'files') => new SignedUrls({ url, keys, purpose });

function partsOf(signed: string) {
  const { searchParams } = new URL(signed);
  return { id, expires: searchParams.get('expires') ?? '', signature: searchParams.get('signature') ?? '' };
}

it('returns the same URL for five minutes, which works for ten to fifteen', () => {
  const urls = under(first);
  const window = 1_764_000_000_000;
  const [atFirst, atLast, next] = [0, 299_999, 300_000].map((later) => urls.sign(id, window + later));
  expect(atLast).toBe(atFirst);
  expect(next).not.toBe(atFirst);
  const parts = partsOf(atFirst ?? '');
  expect(urls.open(parts, window)).toEqual({ id, expiresInSeconds: 900 });
  expect(urls.open(parts, window + 299_999)).toEqual({ id, expiresInSeconds: 600 });
  expect(urls.open(parts, window + 899_000)).toEqual({ id, expiresInSeconds: 1 });
  for (const late of [899_001, 900_000, 10_000_000]) expect(urls.open(parts, window + late)).toBeUndefined();
});

it('accepts a URL until the key that signed it is removed', () => {
  const parts = partsOf(under(first).sign(id));
  expect(under(`${second}, ${first}`).open(parts)).toMatchObject({ id });
  expect(under(second).open(parts)).toBeUndefined();
  const newer = partsOf(under(`${second},${first}`).sign(id));
  expect(under(second).open(newer)).toMatchObject({ id });
});

it('refuses a URL that was signed for another purpose', () => {
  const parts = partsOf(under(first).sign(id));
  expect(under(first).open(parts)).toMatchObject({ id });
  expect(under(first, 'exports').open(parts)).toBeUndefined();
});
