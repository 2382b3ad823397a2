import { ConfigurationError } from '#libs/config';
import { AuthConfig } from '../../config';
import { SignedAddresses } from './signed-addresses';

const id = '01890a5d-ac96-474b-bcce-b302099a8057';
const [first, second] = [
  'cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=',
  'vC3kTqk0bJ5o6sW1t2mYzL8nQ4xR7uE9aB0dFgHiJkM=',
];
const base = {
  NODE_ENV: 'test',
  DATABASE_URL: 'postgres://127.0.0.1/none',
  REDIS_URL: 'redis://127.0.0.1',
  PUBLIC_URL: 'https://app.acme.test',
};
const under = (keys: string) => new SignedAddresses(AuthConfig.of({ ...base, FIELD_ENCRYPTION_KEY: keys }));

function partsOf(address: string) {
  const { searchParams } = new URL(address);
  return { id, expires: searchParams.get('expires') ?? '', signature: searchParams.get('signature') ?? '' };
}

it('an address is the same for five minutes, and works for ten to fifteen', () => {
  const addresses = under(first);
  const window = 1_764_000_000_000;
  const [atFirst, atLast, next] = [0, 299_999, 300_000].map((later) => addresses.sign(id, window + later));
  expect(atLast).toBe(atFirst);
  expect(next).not.toBe(atFirst);
  const parts = partsOf(atFirst ?? '');
  expect(addresses.open(parts, window)).toEqual({ id, expiresInSeconds: 900 });
  expect(addresses.open(parts, window + 299_999)).toEqual({ id, expiresInSeconds: 600 });
  expect(addresses.open(parts, window + 899_000)).toEqual({ id, expiresInSeconds: 1 });
  for (const late of [899_001, 900_000, 10_000_000]) expect(addresses.open(parts, window + late)).toBeUndefined();
});

it('addresses outlive the change of the key that signed them, and end with its removal', () => {
  const parts = partsOf(under(first).sign(id));
  expect(under(`${second}, ${first}`).open(parts)).toMatchObject({ id });
  expect(under(second).open(parts)).toBeUndefined();
  const newer = partsOf(under(`${second},${first}`).sign(id));
  expect(under(second).open(newer)).toMatchObject({ id });
});

it('half of a bucket’s configuration is refused at the start, by name', () => {
  const refused = (variables: Record<string, string>) => {
    try {
      AuthConfig.of({ ...base, FIELD_ENCRYPTION_KEY: first, ...variables });
      return [];
    } catch (error) {
      return error instanceof ConfigurationError ? error.lines : [String(error)];
    }
  };
  expect(refused({ S3_BUCKET: 'b' })).toEqual([expect.stringMatching(/^S3_REGION is missing\./)]);
  const keyOnly = { S3_BUCKET: 'b', S3_REGION: 'eu-central-1', S3_ACCESS_KEY_ID: 'AKIA' };
  expect(refused(keyOnly)).toEqual([expect.stringMatching(/^S3_SECRET_ACCESS_KEY is missing\./)]);
  expect(refused({ ...keyOnly, S3_SECRET_ACCESS_KEY: 's' })).toEqual([]);
  expect(refused({})).toEqual([]);
});
