import { login, register, resetPassword, verifyEmail } from '#libs/contracts';
import { z } from 'zod';
import { untilHandled } from '../../../test/auth';
import { aPerson, startOauth, userIdOf, type TestOauth } from '../../../test/oauth';
import { OneTimeTokens } from '../one-time-token/one-time-tokens.table';
import { User } from '../../account/user/users.table';

let oauth: TestOauth;
beforeAll(async () => (oauth = await startOauth()));

const accounts = (email: string) => oauth.auth.dataSource.manager.findBy(User, { email });
const fresh = async (provider: string, person = aPerson()) => oauth.visit(await oauth.begin(provider), person);

describe('an email address with an account', () => {
  it('is not linked automatically, whatever the issuer says', async () => {
    const owner = await oauth.auth.aUser();
    const person = aPerson({ email: owner.email });
    for (const provider of ['acme', 'other']) {
      await expect(oauth.signIn(provider, person)).rejects.toMatchObject({ code: 'oauth_link_required' });
    }
    expect(await oauth.auth.dataSource.query('SELECT 1 FROM identities WHERE user_id = $1', [owner.id])).toEqual([]);
  });

  it('is recognized in capitals', async () => {
    const owner = await oauth.auth.aUser();
    const person = aPerson({ email: owner.email.toUpperCase() });
    await expect(oauth.signIn('acme', person)).rejects.toMatchObject({ code: 'oauth_link_required' });
  });

  it('is refused if unverified, before anything is revealed', async () => {
    const owner = await oauth.auth.aUser();
    const person = aPerson({ email: owner.email, email_verified: false });
    await expect(oauth.signIn('acme', person)).rejects.toMatchObject({ code: 'oauth_email_not_verified' });
  });
});

describe('an email address with an unverified registration', () => {
  const squat = async (email: string) => {
    const credentials = { email, password: 'the squatter knows this' };
    await oauth.auth.rpc.call(register, { ...credentials, name: 'Squatter' });
    await untilHandled(oauth.auth);
    return credentials;
  };

  it('goes to its owner, without the password, name and links of the stranger', async () => {
    const person = aPerson();
    const credentials = await squat(person.email);
    const [squatted] = await accounts(person.email);
    const squatterId = squatted?.id ?? '';
    const { verification, reset } = await linksTo(squatterId);
    const id = userIdOf(await oauth.signIn('acme', person));
    expect(await accounts(person.email)).toMatchObject([{ id, name: 'Grace Hopper', passwordHash: null }]);
    expect(id).not.toBe(squatterId);
    await expect(oauth.auth.rpc.call(login, credentials)).rejects.toMatchObject({ code: 'invalid_credentials' });
    await expect(oauth.auth.rpc.call(verifyEmail, { token: verification })).rejects.toMatchObject({ status: 400 });
    const password = 'what the squatter wants';
    await expect(oauth.auth.rpc.call(resetPassword, { token: reset, password })).rejects.toMatchObject({ status: 400 });
  });

  it('becomes one account if its link is opened at the same time', async () => {
    for (let round = 0; round < 10; round++) {
      const person = aPerson();
      await squat(person.email);
      const [squatted] = await accounts(person.email);
      const { verification } = await linksTo(squatted?.id ?? '');
      const callback = await fresh('acme', person);
      const settled = await Promise.allSettled([
        oauth.finish(callback),
        oauth.replica.rpc.call(verifyEmail, { token: verification }),
      ]);
      const refusals = settled.flatMap((each) => (each.status === 'rejected' ? [String(each.reason.code)] : []));
      expect(refusals).toHaveLength(1);
      expect(['oauth_link_required', 'token_invalid', 'token_used']).toContain(refusals[0]);
      expect(await accounts(person.email)).toHaveLength(1);
    }
  });
});

describe('two concurrent callbacks', () => {
  it('of one new user create one account and sign in both', async () => {
    for (let round = 0; round < 5; round++) {
      const person = aPerson();
      const callbacks = [await fresh('acme', person), await fresh('acme', person), await fresh('acme', person)];
      const ids = await Promise.all(
        callbacks.map(async (callback, index) =>
          userIdOf(await oauth.finish(callback, index === 0 ? oauth.auth : oauth.replica)),
        ),
      );
      expect(new Set(ids).size).toBe(1);
      expect(await accounts(person.email)).toHaveLength(1);
    }
  });

  it('of two providers with one new email address create one account, and the second must be linked', async () => {
    const person = aPerson();
    const [first, second] = [await fresh('acme', person), await fresh('other', person)];
    const settled = await Promise.allSettled([oauth.finish(first), oauth.finish(second, oauth.replica)]);
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const [refused] = settled.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
    expect(refused).toMatchObject({ code: 'oauth_link_required' });
    expect(await accounts(person.email)).toHaveLength(1);
  });
});

it.each<[unknown, string, string]>([
  ['Grace\u202e Hopper', 'grace.hopper@example.com', 'grace hopper'],
  ['see https://evil.test', 'grace_hopper+news@example.com', 'grace hopper news'],
  ['', "o'neill@example.com", 'o neill'],
  [undefined, 'ada@example.com', 'ada'],
  [42, 'eve@example.com', 'eve'],
  ['x'.repeat(5_000), 'mallory@example.com', 'mallory'],
  ['//', '!#$@example.com', 'example com'],
])('replaces a name like %j with one from the email address %s', async (name, email, expected) => {
  const finished = await oauth.signIn('acme', aPerson({ name, email }));
  expect(finished).toMatchObject({ session: { user: { name: expected } } });
});

it.each<[string, object, string]>([
  ['both parts', { given_name: 'Grace', family_name: 'Hopper' }, 'Grace Hopper'],
  [
    'both parts, beside a name that cannot be used',
    { name: '', given_name: 'Grace', family_name: 'Hopper' },
    'Grace Hopper',
  ],
  ['the given name alone', { given_name: 'Grace' }, 'Grace'],
  ['the family name alone', { family_name: 'Hopper' }, 'Hopper'],
  ['a family name that is a link', { given_name: 'Grace', family_name: 'https://evil.test' }, 'Grace'],
  ['a given name with NUL', { given_name: 'Gra\0ce', family_name: 'Hopper' }, 'Hopper'],
  ['the whole name first', { name: 'Amazing Grace', given_name: 'Grace', family_name: 'Hopper' }, 'Amazing Grace'],
  ['blanks in the parts', { given_name: ' Grace  Brewster ', family_name: ' Hopper ' }, 'Grace Brewster Hopper'],
])('uses %s as the name, not the email address', async (_what, claims, expected) => {
  for (const provider of ['acme', 'other']) {
    const finished = await oauth.signIn(provider, aPerson({ name: undefined, ...claims }));
    expect(finished).toMatchObject({ session: { user: { name: expected } } });
  }
});

/** The emailed links of a registration that were not opened yet. */
async function linksTo(userId: string) {
  const { manager } = oauth.auth.dataSource;
  const kind = (purpose: string) => ({ purpose, lifeSeconds: 600, data: z.unknown() });
  const registration = { name: 'Squatter', locale: 'en', passwordHash: null };
  return {
    verification: await new OneTimeTokens().issue(manager, kind('email-verification'), userId, registration),
    reset: await new OneTimeTokens().issue(manager, kind('password-reset'), userId, null),
  };
}
