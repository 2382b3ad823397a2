import { beginOauth } from '#libs/contracts';
import { newId } from '#libs/database';
import { cleanupOnce, freePort } from '#libs/testing';
import { generateKeyPair, SignJWT, UnsecuredJWT, type JWTPayload } from 'jose';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { startAuth } from '../../../test/auth';
import { tokens, type HostileIssuer, type TokenAnswer } from '../../../test/hostile-issuer';
import { aPerson, startOauth, userIdOf, type TestOauth } from '../../../test/oauth';
import { User } from '../../account/user/users.table';

let oauth: TestOauth;
beforeAll(async () => (oauth = await startOauth()));

async function answered(answer: TokenAnswer) {
  const person = aPerson();
  oauth.hostile.answer = (claims, issuer) => answer({ ...claims, ...person }, issuer);
  const finished = oauth.finish(await oauth.visit(await oauth.begin('hostile'), person));
  return { person, finished };
}

const changed = (changes: Readonly<Record<string, unknown>>) => async (claims: JWTPayload, issuer: HostileIssuer) =>
  tokens(await issuer.sign({ ...claims, ...changes }));
const secret = (issuer: HostileIssuer) => new TextEncoder().encode(issuer.settings.clientSecret);

it('accepts an honest ID token', async () => {
  const { person, finished } = await answered(changed({}));
  expect(await finished).toMatchObject({ session: { user: { email: person.email } } });
});

it.each<[string, TokenAnswer]>([
  ['of another issuer', changed({ iss: 'https://accounts.google.com' })],
  ['for another client', changed({ aud: 'somebody else' })],
  ['for us and others, requested by another client', changed({ aud: ['us', 'them'], azp: 'them' })],
  ['that has expired', changed({ exp: Math.floor(Date.now() / 1_000) - 60 })],
  ['that never expires', changed({ exp: undefined })],
  ['of another flow', changed({ nonce: 'A'.repeat(43) })],
  ['of no flow', changed({ nonce: undefined })],
  ['without a subject', changed({ sub: undefined })],
  ['about an empty name', changed({ sub: '' })],
  ['without a signature', async (claims) => tokens(new UnsecuredJWT(claims).encode())],
  [
    'signed with the client secret, as HS256',
    async (claims, issuer) =>
      tokens(await new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(secret(issuer))),
  ],
  [
    'signed with a key that the issuer does not publish',
    async (claims, issuer) => tokens(await issuer.sign(claims, (await generateKeyPair('RS256')).privateKey)),
  ],
  [
    'that was changed after it was signed',
    async (claims, issuer) => {
      const [header, , signature] = (await issuer.sign(claims)).split('.');
      const other = Buffer.from(JSON.stringify({ ...claims, sub: 'admin' })).toString('base64url');
      return tokens(`${header}.${other}.${signature}`);
    },
  ],
  ['that is missing', async () => tokens()],
  ['that is no token', async () => tokens('a.b')],
])('refuses an ID token %s, and creates no account', async (_what, answer) => {
  const { person, finished } = await answered(answer);
  await expect(finished).rejects.toMatchObject({ code: 'oauth_failed' });
  expect(await oauth.auth.dataSource.manager.countBy(User, { email: person.email })).toBe(0);
});

it.each<[string, () => Response]>([
  ['an error', () => Response.json({ error: 'server_error' }, { status: 500 })],
  ['a page', () => new Response('<html>', { headers: { 'content-type': 'text/html' } })],
  [
    'half of its JSON',
    () => new Response('{"access_token": "secret', { headers: { 'content-type': 'application/json' } }),
  ],
  ['a redirect', () => new Response(null, { status: 302, headers: { location: 'http://169.254.169.254/' } })],
  ['nothing', () => new Response(null, { status: 204 })],
])('refuses an issuer that responds to the code with %s', async (_what, respond) => {
  const { finished } = await answered(async () => respond());
  await expect(finished).rejects.toMatchObject({ code: 'oauth_failed' });
});

it('refuses an honest response of more than 256 kB', async () => {
  const { finished } = await answered(async (claims, issuer) => {
    const idToken = await issuer.sign(claims);
    return Response.json({ access_token: 'a'.repeat(262_144), token_type: 'Bearer', id_token: idToken });
  });
  await expect(finished).rejects.toMatchObject({ code: 'oauth_failed' });
});

it.each<[string, object]>([
  ['does not say', { email_verified: undefined }],
  ['says no', { email_verified: false }],
  ['says "true" as a text', { email_verified: 'true' }],
  ['says 1', { email_verified: 1 }],
])('creates no account without a verified email address: an issuer that %s', async (_what, changes) => {
  const { person, finished } = await answered(changed({ ...changes }));
  await expect(finished).rejects.toMatchObject({ code: 'oauth_email_not_verified' });
  expect(await oauth.auth.dataSource.manager.countBy(User, { email: person.email })).toBe(0);
});

it.each<[string, Record<string, unknown>]>([
  ['sends no email address', { email: undefined }],
  ['sends an invalid email address', { email: 'ada' }],
  ['tells two addresses', { email: ['a@example.com', 'b@example.com'] }],
  ['sends an email address with NUL', { email: 'a\0@example.com' }],
  ['sends an email address with a lone surrogate', { email: '\ud800@example.com' }],
  ['sends an email address that is too long', { email: `ada@${'x.'.repeat(600)}example.com` }],
  ['sends an email address without a domain', { email: 'ada@bücher' }],
])('says that the email address is unusable, not unverified: an issuer that %s', async (_what, changes) => {
  const { person, finished } = await answered(changed(changes));
  await expect(finished).rejects.toMatchObject({ code: 'oauth_email_unusable' });
  expect(await oauth.auth.dataSource.manager.countBy(User, { email: person.email })).toBe(0);
});

it('signs up with the A-labels of an internationalized domain', async () => {
  const local = newId();
  const { finished } = await answered(changed({ email: `${local}@bücher.example` }));
  expect(await finished).toMatchObject({ session: { user: { email: `${local}@xn--bcher-kva.example` } } });
});

it.each<[string, unknown]>([
  ['NUL', 'a\0b'],
  ['a line end', 'a\nb'],
  ['half a character', 'a\ud800'],
  ['what is left of bytes that were not UTF-8', 'a\ufffd'],
  ['256 characters', 'a'.repeat(256)],
  ['a list', ['a']],
])('refuses a subject with %s', async (_what, sub) => {
  const { person, finished } = await answered(changed({ sub }));
  await expect(finished).rejects.toMatchObject({ code: 'oauth_failed' });
  expect(await oauth.auth.dataSource.manager.countBy(User, { email: person.email })).toBe(0);
});

it.each<[string, object]>([
  ['email', { email: 'a\0@example.com' }],
  ['email', { email: '\ud800' }],
  ['email', { email: 'x'.repeat(60_000) }],
  ['email', { email: { toString: 1 } }],
  ['name', { name: 'a\0', given_name: 'b\ud800', family_name: ['c'] }],
  ['picture', { picture: 'javascript:alert(1)\0' }],
  ['locale', { locale: 'e\0n' }],
  ['__proto__', JSON.parse('{"__proto__": {"sub": "admin"}, "constructor": 1}')],
  ['azp', { azp: 'a\0' }],
])('signs in a known user with any value of the claim %s: %j', async (_claim, changes) => {
  const sub = newId();
  const known = userIdOf(await (await answered(changed({ sub }))).finished);
  const { finished } = await answered(changed({ sub, ...changes }));
  expect(userIdOf(await finished)).toBe(known);
});

it('refuses tokens that are not UTF-8, because two users could look the same', async () => {
  const { finished } = await answered(async (claims, issuer) => {
    const body = JSON.stringify({
      access_token: 'a',
      token_type: 'Bearer',
      id_token: await issuer.sign(claims),
      x: 'é',
    });
    return new Response(Buffer.from(body, 'latin1'), { headers: { 'content-type': 'application/json' } });
  });
  await expect(finished).rejects.toMatchObject({ code: 'oauth_failed' });
});

it('distinguishes equal subjects of two issuers', async () => {
  const person = aPerson();
  const theirs = userIdOf(await oauth.signIn('acme', person));
  const { finished } = await answered(changed({ sub: person.sub }));
  expect(userIdOf(await finished)).not.toBe(theirs);
});

describe('an issuer that is down', () => {
  const settings = { id: 'away', name: 'Away', clientId: 'us', clientSecret: 'secret' };
  const startWith = (port: number) =>
    startAuth(undefined, {
      OIDC_PROVIDERS: JSON.stringify([{ ...settings, issuer: `http://127.0.0.1:${port}` }]),
    });

  it('fails within the deadline, leaves no flow behind, and is asked again later', async () => {
    const port = await freePort();
    const auth = await startWith(port);
    await expect(auth.rpc.call(beginOauth, { provider: 'away' })).rejects.toMatchObject({ code: 'oauth_failed' });
    expect(await auth.dataSource.query('SELECT 1 FROM oauth_flows')).toEqual([]);
    const server = createServer((connection) => void connection.resume().end('HTTP/1.1 200 OK\r\n\r\nnot JSON'));
    cleanupOnce(async () => void server.close());
    let connections = 0;
    server.on('connection', () => connections++).listen(port, '127.0.0.1');
    await once(server, 'listening');
    await expect(auth.rpc.call(beginOauth, { provider: 'away' })).rejects.toMatchObject({ code: 'oauth_failed' });
    expect(connections).toBe(1);
  });

  it('and accepts connections without a response, fails within the deadline', async () => {
    const server = createServer((connection) => cleanupOnce(async () => void connection.destroy()));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    cleanupOnce(async () => void server.close());
    const address = server.address();
    const auth = await startWith(typeof address === 'object' && address !== null ? address.port : 0);
    const startedAt = performance.now();
    await expect(auth.rpc.call(beginOauth, { provider: 'away' })).rejects.toMatchObject({ code: 'oauth_failed' });
    expect(performance.now() - startedAt).toBeLessThan(25_000);
  });
});
