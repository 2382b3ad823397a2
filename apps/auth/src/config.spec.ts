import { ConfigurationError } from '#libs/config';
import { AuthConfig } from './config';

const development = {
  NODE_ENV: 'development',
  DATABASE_URL: 'postgres://127.0.0.1/groundwork_auth',
  REDIS_URL: 'redis://127.0.0.1:6379',
  PUBLIC_URL: 'https://app.acme.test',
  FIELD_ENCRYPTION_KEY: 'vC3kTqk0bJ5o6sW1t2mYzL8nQ4xR7uE9aB0dFgHiJkM=',
};
const production = { ...development, NODE_ENV: 'production' };
const acme = { id: 'acme', name: 'Acme', issuer: 'https://id.acme.test', clientId: 'us', clientSecret: 'hunter2' };
const providers = (...changes: object[]) => JSON.stringify(changes.map((change) => ({ ...acme, ...change })));

function complaints(variables: Record<string, string>): readonly string[] {
  try {
    AuthConfig.of(variables);
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.lines;
    throw error;
  }
}

it('refuses an APP_NAME that is not one line of text, and takes one with a colon', () => {
  expect(AuthConfig.of({ ...development, APP_NAME: 'Acme: Portal' }).appName).toBe('Acme: Portal');
  for (const APP_NAME of ['Acme\nPortal', 'Acme\0', 'x'.repeat(65)]) {
    expect(complaints({ ...development, APP_NAME })).toEqual([
      'APP_NAME is not valid. Expected one line of at most 64 characters.',
    ]);
  }
});

it('needs no provider, and accepts Google and others', () => {
  expect(AuthConfig.of(production).oidcProviders).toEqual([]);
  const variables = {
    ...production,
    OIDC_PROVIDERS: providers({}, { id: 'b-2' }),
    GOOGLE_CLIENT_ID: 'g',
    GOOGLE_CLIENT_SECRET: 's',
  };
  expect(AuthConfig.of(variables).oidcProviders).toEqual([
    { id: 'google', name: 'Google', issuer: 'https://accounts.google.com', clientId: 'g', clientSecret: 's' },
    acme,
    { ...acme, id: 'b-2' },
  ]);
});

it('compares picture domains in the spelling of URLs', () => {
  const { avatarDomains } = AuthConfig.of({ ...production, AVATAR_DOMAINS: 'Pictures.Acme.Test, bücher.example' });
  expect(avatarDomains).toEqual(['pictures.acme.test', 'xn--bcher-kva.example']);
});

it.each(['https://acme.test', 'acme.test/pictures', 'acme.test:443', 'ada@acme.test', 'ac me', 'a%zz', '\u{ad}'])(
  'refuses %j as a picture domain',
  (text) => expect(complaints({ ...production, AVATAR_DOMAINS: text })).toHaveLength(1),
);

it.each<[string, string, string]>([
  ['no JSON', '[{"clientSecret":"hunter2"', 'It must be a JSON list.'],
  ['no list', JSON.stringify(acme), 'It must be a JSON list.'],
  ['an empty list', '[]', 'It must have at least one provider.'],
  [
    'a text in the list',
    '["hunter2"]',
    'Entry 1 must be {"id", "name", "issuer", "clientId", "clientSecret"} and nothing else.',
  ],
  [
    'an unknown field',
    providers({ hunter2: 1 }),
    'Entry 1 must be {"id", "name", "issuer", "clientId", "clientSecret"} and nothing else.',
  ],
  ['a missing secret', providers({}, { id: 'b', clientSecret: undefined }), 'Entry 2: clientSecret is missing.'],
  ['an empty name', providers({ name: ' ' }), 'Entry 1: name is missing.'],
  ['a name of two lines', providers({ name: 'Acme\nCo' }), 'Entry 1: name must be one line of printable characters.'],
  [
    'NUL in a secret',
    providers({ clientSecret: 'hunter2\0' }),
    'Entry 1: clientSecret must be one line of printable characters.',
  ],
  [
    'an id in capitals',
    providers({ id: 'Acme' }),
    'Entry 1: id must be lowercase letters, digits, and hyphens, and start with a letter.',
  ],
  ['the id of another route', providers({ id: 'providers' }), 'Entry 1: id must not be "providers".'],
  ['an id twice', providers({}, {}), 'Two entries have the id acme.'],
  [
    'http',
    providers({ issuer: 'http://id.acme.test' }),
    'Entry 1: issuer must be a URL that starts with https:// (http:// for localhost only).',
  ],
  [
    'a look-alike of localhost',
    providers({ issuer: 'http://localhost.acme.test' }),
    'Entry 1: issuer must be a URL that starts with https:// (http:// for localhost only).',
  ],
  [
    'an issuer with a query',
    providers({ issuer: 'https://id.acme.test/?a=hunter2' }),
    'Entry 1: issuer must be a URL that starts with https:// (http:// for localhost only).',
  ],
])('says what is wrong with %s, in one line without a secret', (_what, OIDC_PROVIDERS, complaint) => {
  expect(complaints({ ...development, OIDC_PROVIDERS })).toEqual([`OIDC_PROVIDERS is not valid. ${complaint}`]);
});

it('accepts an http issuer on this machine, except in production', () => {
  const OIDC_PROVIDERS = providers({ issuer: 'http://127.0.0.1:4000' });
  expect(complaints({ ...development, OIDC_PROVIDERS })).toEqual([]);
  expect(complaints({ ...production, OIDC_PROVIDERS })).toEqual([
    'OIDC_PROVIDERS has a value that is not allowed in production. Entry 1: issuer must start with https://.',
  ]);
});

it('requires both variables for Google, and reserves its id', () => {
  expect(complaints({ ...development, GOOGLE_CLIENT_ID: 'g' })).toEqual([
    'GOOGLE_CLIENT_SECRET is missing. Expected the client secret from Google, because GOOGLE_CLIENT_ID is set.',
  ]);
  expect(complaints({ ...development, GOOGLE_CLIENT_SECRET: 'hunter2' })).toEqual([
    'GOOGLE_CLIENT_ID is missing. Expected the client id from Google, because GOOGLE_CLIENT_SECRET is set.',
  ]);
  const both = { GOOGLE_CLIENT_ID: 'g', GOOGLE_CLIENT_SECRET: 's', OIDC_PROVIDERS: providers({ id: 'google' }) };
  expect(complaints({ ...development, ...both })).toEqual([
    'OIDC_PROVIDERS is not valid. One provider has the id google, which is reserved when GOOGLE_CLIENT_ID is set.',
  ]);
});

it('refuses a bucket without a region, and half a key pair', () => {
  expect(complaints({ ...development, S3_BUCKET: 'b' })).toEqual([expect.stringMatching(/^S3_REGION is missing\./)]);
  const keyOnly = { ...development, S3_BUCKET: 'b', S3_REGION: 'eu-central-1', S3_ACCESS_KEY_ID: 'AKIA' };
  expect(complaints(keyOnly)).toEqual([expect.stringMatching(/^S3_SECRET_ACCESS_KEY is missing\./)]);
  expect(complaints({ ...keyOnly, S3_SECRET_ACCESS_KEY: 's' })).toEqual([]);
  expect(complaints(development)).toEqual([]);
});
