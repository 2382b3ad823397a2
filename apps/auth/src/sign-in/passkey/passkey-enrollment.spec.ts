import { addPasskey, beginPasskey, beginPasskeySignIn, listPasskeys, passkeyLimit } from '#libs/contracts';
import { cose, isoCBOR } from '@simplewebauthn/server/helpers';
import { as, outcomes } from '../../../test/as';
import { actorOf, contextOf, publicUrl, startAuth, type TestAuth } from '../../../test/auth';
import { TestAuthenticator, type RegistrationTampering } from '../../../test/authenticator';
import { enrol, eventsOf, expireChallenges } from '../../../test/passkeys';
import type { User } from '../../account/user/users.table';

let auth: TestAuth;
beforeAll(async () => (auth = await startAuth()));

const begin = (user: User) => auth.rpc.call(beginPasskey, {}, as(user));
const list = async (user: User) => (await auth.rpc.call(listPasskeys, {}, as(user))).data;
const aDevice = () => new TestAuthenticator(publicUrl);

const add = (user: User, response: ReturnType<TestAuthenticator['create']>, name = 'Phone') =>
  auth.rpc.call(addPasskey, { name, response }, as(user));

describe('adding a passkey', () => {
  it('asks for a discoverable credential of this site that is not registered yet', async () => {
    const user = await auth.aUser({ name: 'Ada Lovelace' });
    const { authenticator } = await enrol(auth, user);
    expect(await begin(user)).toEqual({
      rp: { id: 'app.acme.test', name: 'Groundwork' },
      user: {
        id: Buffer.from(user.id.replaceAll('-', ''), 'hex').toString('base64url'),
        name: user.email,
        displayName: 'Ada Lovelace',
      },
      challenge: expect.stringMatching(/^[\w-]{43}$/),
      pubKeyCredParams: [-8, -7, -257].map((alg) => ({ type: 'public-key', alg })),
      timeout: 300_000,
      excludeCredentials: [{ type: 'public-key', id: authenticator.newest(), transports: ['hybrid', 'internal'] }],
      authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
      attestation: 'none',
    });
  });

  it('lists it, records it, and tells the owner', async () => {
    const user = await auth.aUser();
    const { passkey: phone } = await enrol(auth, user, { name: '  My   phone ' });
    const { passkey: key } = await enrol(auth, user, { name: 'Key' });
    expect(phone).toMatchObject({ name: 'My phone', lastUsedAt: null, backedUp: true });
    expect(await list(user)).toEqual([phone, key]);
    expect(await eventsOf(auth, user, 'passkey_added')).toEqual([{ subject: 'My phone' }, { subject: 'Key' }]);
    const notice = { template: 'security-notice', event: 'passkey_added' };
    expect(await auth.mailsTo(user.email)).toMatchObject([
      { ...notice, subject: 'My phone' },
      { ...notice, subject: 'Key' },
    ]);
    expect(await list(await auth.aUser())).toEqual([]);
  });

  it('needs a recent sign-in for the options and the response', async () => {
    const user = await auth.aUser();
    const response = aDevice().create(await begin(user));
    const actor = { ...actorOf(user), authenticatedAt: Math.floor(Date.now() / 1_000) - 601 };
    const options = { context: contextOf({ actor }) };
    const refused = { code: 'reauthentication_required' };
    await expect(auth.rpc.call(beginPasskey, {}, options)).rejects.toMatchObject(refused);
    await expect(auth.rpc.call(addPasskey, { name: 'Phone', response }, options)).rejects.toMatchObject(refused);
  });

  it.each<[string, RegistrationTampering]>([
    ['from another origin', { origin: 'https://app.acme.test.evil.test' }],
    ['from a subdomain', { origin: 'https://blog.app.acme.test' }],
    ['from our host without TLS', { origin: 'http://app.acme.test' }],
    ['made in a frame of another site', { crossOrigin: true }],
    ['for another site', { rpId: 'evil.test' }],
    ['to an unknown challenge', { challenge: Buffer.alloc(32).toString('base64url') }],
    ['of the type of a sign-in', { type: 'webauthn.get' }],
    ['without its user verified', { isUserVerified: false }],
    ['without its user present', { isUserPresent: false }],
    ['that a certificate vouches for', { attestation: 'certificate' }],
    ['with an attestation of another format', { attestation: 'android-key' }],
    ['with a key of an algorithm that was not offered', { publicKey: keyOf(cose.COSEALG.ES384) }],
    ['with a key larger than any', { publicKey: keyOf(cose.COSEALG.RS256, 2_000) }],
  ])('refuses a passkey %s, and adds none', async (_what, tampering) => {
    const user = await auth.aUser();
    const response = aDevice().create(await begin(user), tampering);
    await expect(add(user, response)).rejects.toMatchObject({ code: 'passkey_rejected' });
    expect(await list(user)).toEqual([]);
  });

  it('accepts a self-attested passkey', async () => {
    const user = await auth.aUser();
    expect(await add(user, aDevice().create(await begin(user), { attestation: 'self' }))).toHaveProperty('id');
  });

  it('refuses a response that names another credential', async () => {
    const user = await auth.aUser();
    const response = aDevice().create(await begin(user));
    const id = Buffer.alloc(32, 1).toString('base64url');
    await expect(add(user, { ...response, id, rawId: id })).rejects.toMatchObject({ code: 'passkey_rejected' });
    await expect(add(user, { ...response, id })).rejects.toMatchObject({ code: 'passkey_rejected' });
  });

  it('accepts a response once, even with concurrent requests, and none after five minutes', async () => {
    const user = await auth.aUser();
    const response = aDevice().create(await begin(user));
    expect(await outcomes([add(user, response), add(user, response)])).toEqual(['ok', 'passkey_rejected']);
    await expect(add(user, response)).rejects.toMatchObject({ code: 'passkey_rejected' });
    const late = aDevice().create(await begin(user));
    await expireChallenges(auth);
    await expect(add(user, late)).rejects.toMatchObject({ code: 'passkey_rejected' });
    expect(await list(user)).toHaveLength(1);
  });

  it('consumes the challenge even for a wrong response', async () => {
    const user = await auth.aUser();
    const options = await begin(user);
    const wrong = aDevice().create(options, { rpId: 'evil.test' });
    await expect(add(user, wrong)).rejects.toMatchObject({ code: 'passkey_rejected' });
    await expect(add(user, aDevice().create(options))).rejects.toMatchObject({ code: 'passkey_rejected' });
  });

  it("refuses the response to another user's challenge, which stays valid", async () => {
    const [owner, other] = [await auth.aUser(), await auth.aUser()];
    const response = aDevice().create(await begin(owner));
    await expect(add(other, response)).rejects.toMatchObject({ code: 'passkey_rejected' });
    expect(await add(owner, response)).toHaveProperty('id');
  });

  it('refuses the response to a sign-in challenge', async () => {
    const user = await auth.aUser();
    const { challenge } = await auth.rpc.call(beginPasskeySignIn, {});
    const response = aDevice().create({ ...(await begin(user)), challenge });
    await expect(add(user, response)).rejects.toMatchObject({ code: 'passkey_rejected' });
  });

  it('refuses a registered credential, of any user', async () => {
    const [owner, other] = [await auth.aUser(), await auth.aUser()];
    const { authenticator } = await enrol(auth, owner);
    const ownersOptions = await begin(owner);
    const credentialId = Buffer.from(authenticator.newest(), 'base64url');
    expect(() => authenticator.create(ownersOptions)).toThrow('InvalidStateError');
    for (const user of [owner, other]) {
      const response = aDevice().create(await begin(user), { credentialId });
      await expect(add(user, response)).rejects.toMatchObject({ code: 'passkey_rejected' });
    }
    expect([await list(owner), await list(other)].map(({ length }) => length)).toEqual([1, 0]);
  });

  it('is limited to twenty, even with concurrent requests', async () => {
    const user = await auth.aUser();
    for (let made = 0; made < passkeyLimit - 1; made++) await enrol(auth, user);
    const answers = [aDevice().create(await begin(user)), aDevice().create(await begin(user))];
    const results = await outcomes(answers.map((response) => add(user, response)));
    expect(results).toEqual(['limit_reached', 'ok']);
    await expect(begin(user)).rejects.toMatchObject({ code: 'limit_reached' });
    expect(await list(user)).toHaveLength(passkeyLimit);
  });

  it('refuses larger or stranger input than authenticators send', async () => {
    const user = await auth.aUser();
    const good = aDevice().create(await begin(user));
    const withResponse = (changes: object) => ({ ...good, response: { ...good.response, ...changes } });
    const hostile = [
      { ...good, id: 'a'.repeat(1_365), rawId: 'a'.repeat(1_365) },
      { ...good, id: '', rawId: '' },
      withResponse({ clientDataJSON: 'a'.repeat(4_097) }),
      withResponse({ attestationObject: 'a'.repeat(16_385) }),
      withResponse({ attestationObject: 'a+/=' }),
      withResponse({ transports: Array.from({ length: 11 }, () => 'usb') }),
      withResponse({ transports: ['x'.repeat(33)] }),
    ];
    for (const response of hostile)
      await expect(add(user, response)).rejects.toMatchObject({ code: 'validation_failed' });
    await expect(add(user, good, 'Key\u202eyek')).rejects.toMatchObject({ code: 'validation_failed' });
  });

  it.each([
    ['no CBOR at all', Buffer.from('hello')],
    ['CBOR, but no map', Buffer.from([0x83, 1, 2, 3])],
    ['a map without authenticator data', Buffer.from(isoCBOR.encode(new Map([['fmt', 'none']])))],
    ['lists in lists, ten thousand deep', Buffer.alloc(10_000, 0x81)],
    ['a list of four billion that is not there', Buffer.from([0x9a, 0xff, 0xff, 0xff, 0xff])],
  ])('refuses the attestation: %s', async (_what, attestation) => {
    const user = await auth.aUser();
    const good = aDevice().create(await begin(user));
    const response = { ...good.response, attestationObject: attestation.toString('base64url') };
    await expect(add(user, { ...good, response })).rejects.toMatchObject({ code: 'passkey_rejected' });
  });

  it.each(['null', '"text"', '{', '{"challenge":1}', '{}'])('refuses the client data: %s', async (text) => {
    const user = await auth.aUser();
    const good = aDevice().create(await begin(user));
    const response = { ...good.response, clientDataJSON: Buffer.from(text).toString('base64url') };
    await expect(add(user, { ...good, response })).rejects.toMatchObject({ code: 'passkey_rejected' });
  });
});

/** A COSE key that claims this algorithm. */
function keyOf(algorithm: number, modulusBytes = 256): Map<number, number | Uint8Array> {
  return new Map<number, number | Uint8Array>([
    [cose.COSEKEYS.kty, cose.COSEKTY.RSA],
    [cose.COSEKEYS.alg, algorithm],
    [cose.COSEKEYS.n, new Uint8Array(modulusBytes).fill(0xff)],
    [cose.COSEKEYS.e, Uint8Array.from([1, 0, 1])],
  ]);
}
