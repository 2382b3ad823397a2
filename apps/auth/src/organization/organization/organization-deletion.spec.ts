import {
  deleteOrganization,
  getOrganization,
  listOrganizations,
  renameOrganization,
  restoreOrganization,
  storeLogo,
} from '#libs/contracts';
import { newId } from '#libs/database';
import { existsSync, readdirSync } from 'node:fs';
import { join as path } from 'node:path';
import { eventually } from '#libs/testing';
import { as, outcome } from '../../../test/as';
import { actorOf, contextOf, startAuth, startServers, type Servers, type TestAuth } from '../../../test/auth';
import { aCustomRole, anOrganization, atOnce, everywhere, join } from '../../../test/organizations';
import { aPicture } from '../../../test/pictures';
import type { User } from '../../account/user/users.table';
import { OrganizationDeletionHandler } from './organization-deletion.handler';

let servers: Servers;
let auth: TestAuth;
let deletion: OrganizationDeletionHandler;
beforeAll(async () => {
  servers = await startServers();
  auth = await startAuth(servers);
  deletion = auth.application.get(OrganizationDeletionHandler, { strict: false });
});

const remove = (by: User, organizationId: string) => auth.rpc.call(deleteOrganization, { organizationId }, as(by));
const restore = (by: User, organizationId: string) => auth.rpc.call(restoreOrganization, { organizationId }, as(by));
const get = (by: User, organizationId: string) => auth.rpc.call(getOrganization, { organizationId }, as(by));
const passGrace = (id: string) =>
  everywhere(auth, "UPDATE organizations SET delete_after = now() - interval '1 second' WHERE id = $1", [id]);

describe('deleting an organization', () => {
  it('hides it from everyone except its owners at once, and gives them thirty days', async () => {
    const { owner, organization } = await anOrganization(auth);
    const { id } = organization;
    const admin = await join(auth, id, 'admin');
    const { deleteAfter } = await remove(owner, id);
    const days = (Date.parse(deleteAfter ?? '') - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(29.9);
    expect(days).toBeLessThanOrEqual(30);
    expect(await outcome(get(admin, id))).toBe('not_found');
    expect((await auth.rpc.call(listOrganizations, {}, as(admin))).data).toEqual([]);
    expect(await get(owner, id)).toMatchObject({ deleteAfter });
    expect(await remove(owner, id)).toMatchObject({ deleteAfter });
  });

  it('emails every owner once, and no one else', async () => {
    const { owner, organization } = await anOrganization(auth);
    const { id } = organization;
    const [second, admin] = [await join(auth, id, 'owner'), await join(auth, id, 'admin')];
    const { deleteAfter } = await remove(owner, id);
    await remove(second, id);
    const notice = {
      template: 'organization-notice',
      event: 'deletion_requested',
      organization: 'Acme',
      until: deleteAfter,
    };
    for (const { email } of [owner, second]) expect(await auth.mailsTo(email)).toMatchObject([notice]);
    expect(await auth.mailsTo(admin.email)).toEqual([]);
  });

  it('can be undone by an owner, and by no one else', async () => {
    const { owner, organization } = await anOrganization(auth);
    const { id } = organization;
    const admin = await join(auth, id, 'admin');
    await remove(owner, id);
    expect(await outcome(restore(admin, id))).toBe('not_found');
    expect(await outcome(restore(await auth.aUser(), id))).toBe('not_found');
    expect(await restore(owner, id)).toEqual(organization);
    expect(await outcome(get(admin, id))).toBe('ok');
    expect(await restore(owner, id)).toEqual(organization);
  });

  it('needs an owner with a recent sign-in', async () => {
    const { owner, organization } = await anOrganization(auth);
    const { id } = organization;
    expect(await outcome(remove(await join(auth, id, 'admin'), id))).toBe('permission_denied');
    expect(await outcome(remove(await auth.aUser(), id))).toBe('not_found');
    const late = contextOf({ actor: { ...actorOf(owner), authenticatedAt: Math.floor(Date.now() / 1_000) - 601 } });
    const attempt = auth.rpc.call(deleteOrganization, { organizationId: id }, { context: late });
    await expect(attempt).rejects.toMatchObject({ code: 'reauthentication_required' });
    expect(await get(owner, id)).toEqual(organization);
  });

  it.each([
    ['before', 'Renamed', ['ok', 'ok']],
    ['after', 'Acme', ['ok', 'not_found']],
  ])('corrupts nothing if it is renamed just %s', async (order, name, ends) => {
    const { owner, organization } = await anOrganization(auth);
    const { id } = organization;
    const admin = await join(auth, id, 'admin');
    const rename = () => auth.rpc.call(renameOrganization, { organizationId: id, name: 'Renamed' }, as(admin));
    const calls = [() => remove(owner, id), rename];
    expect(await atOnce(auth, organization, order === 'after' ? calls : calls.toReversed())).toEqual(ends);
    const after = await get(owner, id);
    expect(after).toMatchObject({ name, deleteAfter: expect.any(String) });
  });
});

describe('after thirty days', () => {
  it('erases it with everything that belongs to it, and nothing of another', async () => {
    const { owner, organization } = await anOrganization(auth);
    const other = await anOrganization(auth);
    const { id } = organization;
    const member = await join(auth, id, await aCustomRole(auth, id, ['audit:read']));
    await auth.rpc.call(storeLogo, { organizationId: id, picture: (await aPicture()).picture }, as(owner));
    await everywhere(
      auth,
      `INSERT INTO ownership_transfers (organization_id, from_user_id, to_user_id, expires_at) VALUES ($1, $2, $3, now())`,
      [id, owner.id, member.id],
    );
    await everywhere(
      auth,
      `INSERT INTO invitations (id, organization_id, email, role, selector, verifier_hash, expires_at)
       VALUES ($1, $2, 'a@example.com', 'owner', $3, 'x', now())`,
      [newId(), id, newId()],
    );
    await remove(owner, id);
    await deletion.eraseDue();
    expect(await outcome(get(owner, id))).toBe('ok');
    await passGrace(id);
    await Promise.all([deletion.eraseDue(), deletion.eraseDue()]);
    for (const table of ['memberships', 'organization_roles', 'ownership_transfers', 'invitations']) {
      expect(await everywhere(auth, `SELECT 1 FROM ${table} WHERE organization_id = $1`, [id])).toEqual([]);
    }
    expect(await outcome(restore(owner, id))).toBe('not_found');
    expect(await get(other.owner, other.organization.id)).toEqual(other.organization);
    await eventually(() => files().length === 0);
  });

  it('skips an organization that an owner is restoring', async () => {
    const { owner, organization } = await anOrganization(auth);
    await remove(owner, organization.id);
    await passGrace(organization.id);
    const ends = await atOnce(auth, organization, [
      async () => {
        const restored = restore(owner, organization.id);
        await deletion.eraseDue();
        await restored;
      },
    ]);
    expect(ends).toEqual(['ok']);
    expect(await get(owner, organization.id)).toEqual(organization);
  });
});

function files(): string[] {
  const folder = path(servers.objects, 'avatars');
  return existsSync(folder) ? readdirSync(folder) : [];
}
