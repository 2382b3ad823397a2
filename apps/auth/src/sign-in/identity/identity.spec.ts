import { linkIdentity, listIdentities, logout, unlinkIdentity, type SessionActor } from '#libs/contracts';
import { actorOf, contextOf } from '../../../test/auth';
import { aPerson, startOauth, userIdOf, type TestOauth } from '../../../test/oauth';
import { User } from '../../account/user/users.table';

let oauth: TestOauth;
beforeAll(async () => (oauth = await startOauth()));

const by = (actor: SessionActor) => ({ context: contextOf({ actor }) });
const identitiesOf = async (user: User) => (await oauth.auth.rpc.call(listIdentities, {}, by(actorOf(user)))).data;
const unlink = (user: User, id: string, at = oauth.auth) => at.rpc.call(unlinkIdentity, { id }, by(actorOf(user)));
const noticesTo = (user: User) =>
  oauth.auth.dataSource.query<{ type: string; details: object }[]>(
    'SELECT type, details FROM security_events WHERE user_id = $1 AND type LIKE $2 ORDER BY id',
    [user.id, 'identity_%'],
  );

/** An account that can sign in only with its identities. */
async function aFederatedUser(...providers: string[]): Promise<User> {
  const user = await oauth.auth.aUser({ passwordHash: null });
  for (const provider of providers) await oauth.link(user, provider, aPerson());
  return user;
}

describe('linking', () => {
  it('lets the identity sign in, whatever its email address is, and tells the owner', async () => {
    const user = await oauth.auth.aUser();
    const person = aPerson({ email_verified: false });
    expect(await oauth.link(user, 'acme', person)).toEqual({ outcome: 'linked', returnTo: '/' });
    expect(userIdOf(await oauth.signIn('acme', person))).toBe(user.id);
    expect(await identitiesOf(user)).toEqual([
      {
        id: expect.any(String),
        provider: { id: 'acme', name: 'The acme' },
        email: person.email,
        createdAt: expect.any(String),
        lastUsedAt: expect.any(String),
      },
    ]);
    expect(await noticesTo(user)).toEqual([{ type: 'identity_linked', details: { subject: 'The acme' } }]);
  });

  it('changes nothing the second time', async () => {
    const user = await oauth.auth.aUser();
    const person = aPerson();
    for (let time = 0; time < 2; time++) await oauth.link(user, 'acme', person);
    expect(await identitiesOf(user)).toHaveLength(1);
    expect(await noticesTo(user)).toHaveLength(1);
  });

  it('refuses another user’s identity, even with concurrent requests', async () => {
    const [ada, eve, person] = [await oauth.auth.aUser(), await oauth.auth.aUser(), aPerson()];
    const settled = await Promise.allSettled([oauth.link(ada, 'acme', person), oauth.link(eve, 'acme', person)]);
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const [refused] = settled.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
    expect(refused).toMatchObject({ code: 'identity_taken' });
    for (const user of [ada, eve]) {
      const isTheirs = (await identitiesOf(user)).length === 1;
      if (!isTheirs) await expect(oauth.link(user, 'acme', person)).rejects.toMatchObject({ code: 'identity_taken' });
    }
  });

  it('needs a recent sign-in, and the same session until its end', async () => {
    const user = await oauth.auth.aUser();
    const actor = await oauth.actor(user);
    const longAgo = { ...actor, authenticatedAt: actor.authenticatedAt - 601 };
    await expect(oauth.auth.rpc.call(linkIdentity, { provider: 'acme' }, by(longAgo))).rejects.toMatchObject({
      code: 'reauthentication_required',
    });
    const callback = await oauth.visit(await oauth.beginLink(actor, 'acme'), aPerson());
    await oauth.auth.rpc.call(logout, { sessionId: actor.sessionId });
    await expect(oauth.finish(callback)).rejects.toMatchObject({ code: 'oauth_failed' });
    await expect(oauth.auth.rpc.call(linkIdentity, { provider: 'acme' }, by(actor))).rejects.toMatchObject({
      code: 'unauthenticated',
    });
  });

  it('stops if all sessions were ended meanwhile', async () => {
    const user = await oauth.auth.aUser();
    const callback = await oauth.visit(await oauth.beginLink(await oauth.actor(user), 'acme'), aPerson());
    await oauth.auth.dataSource.manager.increment(User, { id: user.id }, 'sessionEpoch', 1);
    await expect(oauth.finish(callback)).rejects.toMatchObject({ code: 'oauth_failed' });
    expect(await identitiesOf(user)).toEqual([]);
  });

  it('works only in the browser that started it', async () => {
    const [ada, eve] = [await oauth.auth.aUser(), await oauth.auth.aUser()];
    const evil = await oauth.visit(await oauth.beginLink(await oauth.actor(ada), 'acme'), aPerson());
    const { browserSecret } = await oauth.beginLink(await oauth.actor(eve), 'acme');
    await expect(oauth.finish({ ...evil, browserSecret })).rejects.toMatchObject({ code: 'oauth_failed' });
  });

  it('is limited to ten identities, even with five concurrent requests', async () => {
    const user = await oauth.auth.aUser();
    await oauth.auth.dataSource.query(
      `INSERT INTO identities (id, user_id, provider, issuer, subject)
       SELECT gen_random_uuid(), $1, 'gone', 'gone', gen_random_uuid() FROM generate_series(1, 9)`,
      [user.id],
    );
    const actor = await oauth.actor(user);
    const callbacks = [];
    for (let count = 0; count < 5; count++) {
      callbacks.push(await oauth.visit(await oauth.beginLink(actor, 'acme'), aPerson()));
    }
    const settled = await Promise.allSettled(callbacks.map((callback) => oauth.finish(callback)));
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await identitiesOf(user)).toHaveLength(10);
    await expect(oauth.auth.rpc.call(linkIdentity, { provider: 'acme' }, by(actor))).rejects.toMatchObject({
      code: 'limit_reached',
    });
  });
});

describe('unlinking', () => {
  it('ends sign-in with the identity, and tells the owner', async () => {
    const user = await oauth.auth.aUser();
    const person = aPerson();
    await oauth.link(user, 'acme', person);
    const [identity] = await identitiesOf(user);
    await unlink(user, identity?.id ?? '');
    expect(await identitiesOf(user)).toEqual([]);
    expect(userIdOf(await oauth.signIn('acme', person))).not.toBe(user.id);
    expect(await noticesTo(user)).toMatchObject([{ type: 'identity_linked' }, { type: 'identity_unlinked' }]);
  });

  it('refuses the last sign-in method', async () => {
    const user = await aFederatedUser('acme');
    const [identity] = await identitiesOf(user);
    await expect(unlink(user, identity?.id ?? '')).rejects.toMatchObject({ code: 'last_sign_in_method' });
    expect(await identitiesOf(user)).toHaveLength(1);
  });

  it('keeps one of the last two with concurrent requests', async () => {
    for (let round = 0; round < 5; round++) {
      const user = await aFederatedUser('acme', 'other');
      const [first, second] = await identitiesOf(user);
      const settled = await Promise.allSettled([
        unlink(user, first?.id ?? ''),
        unlink(user, second?.id ?? '', oauth.replica),
      ]);
      const refused = settled.flatMap((each) => (each.status === 'rejected' ? [each.reason.code] : []));
      expect(refused).toEqual(['last_sign_in_method']);
      expect(await identitiesOf(user)).toHaveLength(1);
    }
  });

  it('needs a recent sign-in', async () => {
    const user = await aFederatedUser('acme');
    const [identity] = await identitiesOf(user);
    const longAgo = { ...actorOf(user), authenticatedAt: 0 };
    const asked = oauth.auth.rpc.call(unlinkIdentity, { id: identity?.id ?? '' }, by(longAgo));
    await expect(asked).rejects.toMatchObject({ code: 'reauthentication_required' });
  });

  it('returns not_found for another user’s identity', async () => {
    const [owner, other] = [await aFederatedUser('acme', 'other'), await oauth.auth.aUser()];
    const [identity] = await identitiesOf(owner);
    await expect(unlink(other, identity?.id ?? '')).rejects.toMatchObject({ code: 'not_found' });
    expect(await identitiesOf(owner)).toHaveLength(2);
  });
});
