import { getAvatar, getProfile, removeAvatar, storeAvatar, updateProfile, type Actor } from '#libs/contracts';
import { newId } from '#libs/database';
import { eventually } from '#libs/testing';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { actorOf, contextOf, startAuth, startServers, type Servers, type TestAuth } from '../../../test/auth';
import { aPicture, partsOf } from '../../../test/pictures';
import { User } from '../user/users.table';
import { Avatars } from './avatars';
import { StoredPictures } from '../picture/stored-pictures';

let servers: Servers;
let auth: TestAuth;
beforeAll(async () => {
  servers = await startServers();
  // A replica, which does part of the work.
  [auth] = await Promise.all([startAuth(servers), startAuth(servers)]);
});

const elsewhere = 'https://avatars.githubusercontent.com/u/1';
const as = (user: User, actor: Actor = actorOf(user)) => ({ context: contextOf({ actor }) });
const store = (user: User, picture: string) => auth.rpc.call(storeAvatar, { picture }, as(user));
const profile = (user: User) => auth.rpc.call(getProfile, {}, as(user));
const rowOf = (user: User) => auth.dataSource.manager.findOneByOrFail(User, { id: user.id });

function files(): string[] {
  const folder = join(servers.objects, 'avatars');
  return existsSync(folder) ? readdirSync(folder) : [];
}

const show = (parts: ReturnType<typeof partsOf>) => auth.rpc.call(getAvatar, parts, { context: contextOf() });
const notFound = { code: 'not_found' };
const storedPictures = () => auth.application.get(StoredPictures, { strict: false });

/** Waits until the folder has exactly the pictures that accounts refer to. */
async function untilTidy(): Promise<void> {
  await eventually(async () => {
    const rows = await auth.dataSource.query<{ id: string }[]>(
      'SELECT avatar_object AS id FROM users WHERE avatar_object IS NOT NULL',
    );
    expect(files().sort()).toEqual(rows.map(({ id }) => `${id}.webp`).sort());
    return true;
  });
}

describe('storing a picture', () => {
  it('gives it to the account, with a signed and short-lived URL', async () => {
    const user = await auth.aUser({ avatarUrl: elsewhere });
    const { bytes, picture } = await aPicture();
    const answer = await store(user, picture);
    expect(answer).toMatchObject({ id: user.id, name: user.name });
    const parts = partsOf(answer.avatarUrl);
    const shown = await show(parts);
    expect(Buffer.from(shown.picture, 'base64').equals(bytes)).toBe(true);
    expect(shown.expiresInSeconds).toBeGreaterThan(590);
    expect(shown.expiresInSeconds).toBeLessThanOrEqual(900);
    expect(await rowOf(user)).toMatchObject({ avatarObject: parts.id, avatarUrl: null });
    const signedIn = await auth.signIn(user);
    expect(partsOf(signedIn.user.avatarUrl).id).toBe(parts.id);
  });

  it('writes a file that only the service’s system account can read', async () => {
    const user = await auth.aUser();
    const { bytes, picture } = await aPicture();
    const { id } = partsOf((await store(user, picture)).avatarUrl);
    const file = join(servers.objects, 'avatars', `${id}.webp`);
    expect(readFileSync(file).equals(bytes)).toBe(true);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(servers.objects, 'avatars')).mode & 0o777).toBe(0o700);
  });

  it('adds no query to a profile request', async () => {
    const user = await auth.aUser();
    await store(user, (await aPicture()).picture);
    expect(await auth.queries.during(() => profile(user))).toHaveLength(1);
  });

  it('replaces and deletes the previous picture', async () => {
    const user = await auth.aUser();
    const before = partsOf((await store(user, (await aPicture()).picture)).avatarUrl);
    const after = partsOf((await store(user, (await aPicture()).picture)).avatarUrl);
    expect(after.id).not.toBe(before.id);
    await untilTidy();
    await expect(show(before)).rejects.toMatchObject(notFound);
    expect(await show(after)).toHaveProperty('picture');
  });

  it('keeps one of twenty concurrent pictures over two replicas, and deletes the others', async () => {
    const user = await auth.aUser();
    const pictures = await Promise.all(Array.from({ length: 20 }, aPicture));
    await Promise.all(pictures.map(({ picture }) => store(user, picture)));
    await untilTidy();
    const { picture } = await show(partsOf((await profile(user)).avatarUrl));
    expect(pictures.map((candidate) => candidate.picture)).toContain(picture);
  });

  it.each([
    ['no base64', '!!!!'],
    ['no WebP', Buffer.from('<svg/>').toString('base64')],
    ['nothing', ''],
    ['over the limit', `UklGR${'A'.repeat(700_003)}`],
  ])('refuses a picture that is %s', async (_what, picture) => {
    const user = await auth.aUser();
    await expect(store(user, picture)).rejects.toMatchObject({ code: 'validation_failed' });
  });

  it('accepts an API key with the scope, and no other', async () => {
    const user = await auth.aUser();
    const key = { kind: 'api_key' as const, userId: user.id, apiKeyId: newId(), organizationId: null, roles: [] };
    const { picture } = await aPicture();
    const upload = (scopes: string[]) => auth.rpc.call(storeAvatar, { picture }, as(user, { ...key, scopes }));
    await expect(upload(['profile:read'])).rejects.toMatchObject({ code: 'insufficient_scope' });
    expect(await upload(['profile:write'])).toMatchObject({ id: user.id });
    const nobody = auth.rpc.call(storeAvatar, { picture }, { context: contextOf() });
    await expect(nobody).rejects.toMatchObject({ code: 'unauthenticated' });
  });
});

describe('removing a picture', () => {
  const removals: [string, (user: User) => Promise<unknown>, string | null][] = [
    ['by its owner', (user) => auth.rpc.call(removeAvatar, {}, as(user)), null],
    ['by a change to none', (user) => auth.rpc.call(updateProfile, { avatarUrl: null }, as(user)), null],
    ['for one elsewhere', (user) => auth.rpc.call(updateProfile, { avatarUrl: elsewhere }, as(user)), elsewhere],
  ];

  it.each(removals)('deletes %s and its object', async (_how, remove, avatarUrl) => {
    const user = await auth.aUser();
    const before = partsOf((await store(user, (await aPicture()).picture)).avatarUrl);
    await remove(user);
    expect(await profile(user)).toMatchObject({ avatarUrl });
    await untilTidy();
    await expect(show(before)).rejects.toMatchObject(notFound);
    await remove(user);
    expect(await profile(user)).toMatchObject({ avatarUrl });
  });

  it('also removes an external picture', async () => {
    const user = await auth.aUser({ avatarUrl: elsewhere });
    await auth.rpc.call(removeAvatar, {}, as(user));
    expect(await profile(user)).toMatchObject({ avatarUrl: null });
  });

  it('does not happen through other profile changes', async () => {
    const user = await auth.aUser();
    const { avatarUrl } = await store(user, (await aPicture()).picture);
    const renamed = await auth.rpc.call(updateProfile, { name: 'Countess' }, as(user));
    expect(partsOf(renamed.avatarUrl).id).toBe(partsOf(avatarUrl).id);
  });

  it('leaves at most one picture with its row while others are stored', async () => {
    const user = await auth.aUser();
    const pictures = await Promise.all(Array.from({ length: 10 }, aPicture));
    const acts = pictures.flatMap(({ picture }, index) => {
      const [, remove] = removals[index % removals.length] ?? [];
      return [store(user, picture), ...(remove === undefined ? [] : [remove(user)])];
    });
    await Promise.all(acts);
    await untilTidy();
  });
});

describe('a failure in between', () => {
  it('stores no picture for a deleted account, and keeps no object', async () => {
    const user = await auth.aUser();
    await auth.dataSource.query('DELETE FROM users WHERE id = $1', [user.id]);
    await expect(store(user, (await aPicture()).picture)).rejects.toMatchObject({ code: 'unauthenticated' });
    await expect(auth.rpc.call(removeAvatar, {}, as(user))).rejects.toMatchObject({ code: 'unauthenticated' });
    await untilTidy();
  });

  it('keeps the previous picture and no new object if the transaction fails at its end', async () => {
    const user = await auth.aUser();
    const before = partsOf((await store(user, (await aPicture()).picture)).avatarUrl);
    await auth.asSuperuser(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'no'; END $$`);
    await auth.asSuperuser(`CREATE CONSTRAINT TRIGGER refuse AFTER UPDATE ON users
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()`);
    await expect(store(user, (await aPicture()).picture)).rejects.toMatchObject({ code: 'internal_error' });
    await auth.asSuperuser('DROP TRIGGER refuse ON users');
    expect(partsOf((await profile(user)).avatarUrl).id).toBe(before.id);
    await untilTidy();
  });

  it('keeps row and object together if the connection breaks after the commit', async () => {
    const alone = await startAuth(await startServers());
    const user = await alone.aUser();
    const { transaction, manager } = alone.dataSource;
    const isKept = async () => (await manager.findOneByOrFail(User, { id: user.id })).avatarObject !== null;
    let breaks = true;
    const spy = jest.spyOn(alone.dataSource, 'transaction').mockImplementation(async (...args: unknown[]) => {
      const result: unknown = await Reflect.apply(transaction, alone.dataSource, args);
      if (!breaks || !(await isKept())) return result;
      breaks = false;
      throw new Error('Connection terminated unexpectedly');
    });
    const { bytes, picture } = await aPicture();
    const { avatarUrl } = await alone.rpc.call(storeAvatar, { picture }, as(user));
    spy.mockRestore();
    expect(breaks).toBe(false);
    const shown = await alone.rpc.call(getAvatar, partsOf(avatarUrl), { context: contextOf() });
    expect(Buffer.from(shown.picture, 'base64').equals(bytes)).toBe(true);
  });

  it('deletes an unnamed picture of a crashed process after an hour, and keeps a named one', async () => {
    const user = await auth.aUser();
    const { id } = partsOf((await store(user, (await aPicture()).picture)).avatarUrl);
    await untilTidy();
    const before = files();
    const pictures = storedPictures();
    // The database does not respond anymore, as after a crash.
    const crash = new Error('Connection terminated unexpectedly');
    const spy = jest.spyOn(auth.dataSource, 'transaction').mockRejectedValue(crash);
    await expect(pictures.keep((await aPicture()).picture, () => Promise.reject(crash))).rejects.toBe(crash);
    spy.mockRestore();
    expect(files()).toHaveLength(before.length + 1);
    await pictures.discardUnnamed();
    const left = await auth.dataSource.query<{ id: string }[]>('SELECT id FROM unnamed_pictures');
    expect([...before, ...left.map((each) => `${each.id}.webp`)].sort()).toEqual(files().sort());
    // Another process died while it wrote this file.
    for (const each of left) writeFileSync(join(servers.objects, 'avatars', `${each.id}.webp.tmp`), 'half');
    await auth.dataSource.query("UPDATE unnamed_pictures SET stored_at = now() - interval '61 minutes'");
    await pictures.discardUnnamed();
    await untilTidy();
    expect(files()).toContain(`${id}.webp`);
    expect(await auth.dataSource.query('SELECT id FROM unnamed_pictures')).toEqual([]);
  });

  it('does not name a picture that was already given up', async () => {
    const user = await auth.aUser();
    const [avatars, pictures] = [auth.application.get(Avatars, { strict: false }), storedPictures()];
    const late = pictures.keep((await aPicture()).picture, async (id) => {
      await auth.dataSource.query('DELETE FROM unnamed_pictures WHERE id = $1', [id]);
      await auth.dataSource.transaction((manager) => avatars.replace(manager, user.id, id));
    });
    await expect(late).rejects.toMatchObject({ code: 'service_unavailable' });
    expect(await rowOf(user)).toMatchObject({ avatarObject: null });
  });

  it('changes nothing if the disk is not writable', async () => {
    const user = await auth.aUser();
    const notAFolder = join(servers.objects, 'a-file');
    writeFileSync(notAFolder, '');
    const alone = await startAuth(await startServers(), { OBJECT_DIRECTORY: notAFolder });
    const their = await alone.aUser();
    const upload = alone.rpc.call(storeAvatar, { picture: (await aPicture()).picture }, as(their));
    await expect(upload).rejects.toMatchObject({ code: 'internal_error' });
    expect(await alone.rpc.call(getProfile, {}, as(their))).toMatchObject({ avatarUrl: null });
    expect(await profile(user)).toMatchObject({ avatarUrl: null });
  });
});
