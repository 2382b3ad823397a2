import { beginPasskeySignIn, listPasskeys, removePasskey, renamePasskey, signInWithPasskey } from '#libs/contracts';
import { newId } from '#libs/database';
import { as, outcomes } from '../../../test/as';
import { actorOf, contextOf, startAuth, type TestAuth } from '../../../test/auth';
import { enrol, eventsOf } from '../../../test/passkeys';
import type { User } from '../../account/user/users.table';

let auth: TestAuth;
beforeAll(async () => (auth = await startAuth()));

const list = async (user: User) => (await auth.rpc.call(listPasskeys, {}, as(user))).data;
const rename = (user: User, id: string, name: string) => auth.rpc.call(renamePasskey, { id, name }, as(user));
const remove = (user: User, id: string) => auth.rpc.call(removePasskey, { id }, as(user));

describe('renaming a passkey', () => {
  it('changes its name', async () => {
    const user = await auth.aUser();
    const { passkey } = await enrol(auth, user);
    const renamed = await rename(user, passkey.id, 'Ada’s phone');
    expect(renamed).toEqual({ ...passkey, name: 'Ada’s phone' });
    expect(await list(user)).toEqual([renamed]);
  });

  it('is refused for other users', async () => {
    const { passkey } = await enrol(auth, await auth.aUser());
    await expect(rename(await auth.aUser(), passkey.id, 'Mine')).rejects.toMatchObject({ code: 'not_found' });
    await expect(rename(await auth.aUser(), newId(), 'Mine')).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('removing a passkey', () => {
  it('ends it, records its name, and happens once', async () => {
    const user = await auth.aUser();
    const { passkey, authenticator } = await enrol(auth, user, { name: 'Old phone' });
    expect(await outcomes([remove(user, passkey.id), remove(user, passkey.id)])).toEqual(['not_found', 'ok']);
    expect(await list(user)).toEqual([]);
    expect(await eventsOf(auth, user, 'passkey_removed')).toEqual([{ subject: 'Old phone' }]);
    expect((await auth.mailsTo(user.email)).at(-1)).toMatchObject({ event: 'passkey_removed', subject: 'Old phone' });
    const response = authenticator.get(await auth.rpc.call(beginPasskeySignIn, {}));
    await expect(auth.rpc.call(signInWithPasskey, { response })).rejects.toMatchObject({ code: 'passkey_rejected' });
  });

  it('is refused for other users', async () => {
    const owner = await auth.aUser();
    const { passkey } = await enrol(auth, owner);
    await expect(remove(await auth.aUser(), passkey.id)).rejects.toMatchObject({ code: 'not_found' });
    expect(await list(owner)).toHaveLength(1);
  });

  it('needs a recent sign-in', async () => {
    const user = await auth.aUser();
    const { passkey } = await enrol(auth, user);
    const actor = { ...actorOf(user), authenticatedAt: Math.floor(Date.now() / 1_000) - 601 };
    const removal = auth.rpc.call(removePasskey, { id: passkey.id }, { context: contextOf({ actor }) });
    await expect(removal).rejects.toMatchObject({ code: 'reauthentication_required' });
  });

  it('is refused for the last sign-in method', async () => {
    const user = await auth.aUser({ passwordHash: null });
    const { passkey: first } = await enrol(auth, user);
    const { passkey: second } = await enrol(auth, user);
    await remove(user, first.id);
    await expect(remove(user, second.id)).rejects.toMatchObject({ code: 'last_sign_in_method' });
    expect(await list(user)).toEqual([second]);
    expect(await eventsOf(auth, user, 'passkey_removed')).toHaveLength(1);
  });

  it('keeps one if the last two are removed concurrently', async () => {
    for (let round = 0; round < 10; round++) {
      const user = await auth.aUser({ passwordHash: null });
      const ids = [(await enrol(auth, user)).passkey.id, (await enrol(auth, user)).passkey.id];
      expect(await outcomes(ids.map((id) => remove(user, id)))).toEqual(['last_sign_in_method', 'ok']);
      expect(await list(user)).toHaveLength(1);
    }
  });
});
