import { getAvatar, getOrganization, removeLogo, storeLogo } from '#libs/contracts';
import { eventually } from '#libs/testing';
import { existsSync, readdirSync } from 'node:fs';
import { join as path } from 'node:path';
import { as, outcome } from '../../../test/as';
import { contextOf, startAuth, startServers, type Servers, type TestAuth } from '../../../test/auth';
import { anOrganization, everywhere, join } from '../../../test/organizations';
import { aPicture, partsOf } from '../../../test/pictures';
import type { User } from '../../account/user/users.table';

let servers: Servers;
let auth: TestAuth;
beforeAll(async () => {
  servers = await startServers();
  auth = await startAuth(servers);
});

const store = (by: User, organizationId: string, picture: string) =>
  auth.rpc.call(storeLogo, { organizationId, picture }, as(by));
const remove = (by: User, organizationId: string) => auth.rpc.call(removeLogo, { organizationId }, as(by));
const get = (by: User, organizationId: string) => auth.rpc.call(getOrganization, { organizationId }, as(by));

function files(): string[] {
  const folder = path(servers.objects, 'avatars');
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** Waits until the folder has exactly the logos that organizations refer to. */
async function untilTidy(): Promise<void> {
  await eventually(async () => {
    const rows = await everywhere(auth, 'SELECT logo_object FROM organizations WHERE logo_object IS NOT NULL');
    expect(files().sort()).toEqual(rows.map((row) => `${String(row['logo_object'])}.webp`).sort());
    return true;
  });
}

describe('a logo', () => {
  it('is shown to members with a signed URL, replaced, and removed', async () => {
    const { owner, organization } = await anOrganization(auth);
    const { id } = organization;
    const [first, second] = [await aPicture(), await aPicture()];
    await store(owner, id, first.picture);
    const { logoUrl } = await store(owner, id, second.picture);
    const viewer = await join(auth, id, 'viewer');
    expect(partsOf((await get(viewer, id)).logoUrl).id).toBe(partsOf(logoUrl).id);
    const shown = await auth.rpc.call(getAvatar, partsOf(logoUrl), { context: contextOf() });
    expect(Buffer.from(shown.picture, 'base64').equals(second.bytes)).toBe(true);
    await untilTidy();
    await remove(owner, id);
    expect(await get(owner, id)).toEqual(organization);
    expect(await outcome(remove(owner, id))).toBe('ok');
    await untilTidy();
  });

  it('can be changed only with the permission, and nothing else is stored', async () => {
    const { organization } = await anOrganization(auth);
    const { id } = organization;
    const { picture } = await aPicture();
    expect(await outcome(store(await join(auth, id, 'member'), id, picture))).toBe('permission_denied');
    expect(await outcome(store(await auth.aUser(), id, picture))).toBe('not_found');
    expect(await outcome(remove(await join(auth, id, 'viewer'), id))).toBe('permission_denied');
    expect(files()).toEqual([]);
  });

  it('keeps one of several concurrent logos, and no file of the others', async () => {
    const { owner, organization } = await anOrganization(auth);
    const pictures = await Promise.all([1, 2, 3].map(() => aPicture()));
    const ends = await Promise.all(pictures.map(({ picture }) => outcome(store(owner, organization.id, picture))));
    expect(ends).toEqual(['ok', 'ok', 'ok']);
    await untilTidy();
    expect(files()).toHaveLength(1);
  });
});
