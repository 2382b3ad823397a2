import { listMembers } from '#libs/contracts';
import { newId } from '#libs/database';
import { as, outcome } from '../../test/as';
import { startAuth, type TestAuth } from '../../test/auth';
import { aCustomRole, anOrganization, join } from '../../test/organizations';
import type { User } from '../user/user.entity';

let auth: TestAuth;
beforeAll(async () => (auth = await startAuth()));

const list = (user: User, organizationId: string, page: object = {}) =>
  auth.rpc.call(listMembers, { organizationId, ...page }, as(user));

describe('the list of members', () => {
  it('has those of the organisation, page by page, and nobody of another', async () => {
    const { owner, organization } = await anOrganization(auth);
    await anOrganization(auth, 'Another');
    const auditor = await join(
      auth,
      organization.id,
      await aCustomRole(auth, organization.id, ['audit:read'], 'Auditor'),
    );
    const page = await list(owner, organization.id, { limit: 1 });
    expect(page.data).toMatchObject([
      { userId: auditor.id, name: 'Ada', email: auditor.email, avatarUrl: null, roleName: 'Auditor' },
    ]);
    expect(page.data[0]?.role).toMatch(/^[0-9a-f-]{36}$/);
    const next = await list(owner, organization.id, { limit: 1, cursor: page.nextCursor });
    expect(next).toMatchObject({ data: [{ userId: owner.id, role: 'owner', roleName: 'owner' }], nextCursor: null });
  });

  it('shows each picture, uploaded or elsewhere', async () => {
    const { owner, organization } = await anOrganization(auth);
    await join(auth, organization.id, 'member', await auth.aUser({ avatarUrl: 'https://pictures.test/ada.png' }));
    await join(auth, organization.id, 'member', await auth.aUser({ avatarObject: newId() }));
    const { data } = await list(owner, organization.id);
    expect(data.map(({ avatarUrl }) => avatarUrl)).toEqual([
      expect.stringContaining('/api/v1/avatars/'),
      'https://pictures.test/ada.png',
      null,
    ]);
  });

  it('takes three statements, however long it is', async () => {
    const { owner, organization } = await anOrganization(auth);
    for (let count = 0; count < 5; count++) await join(auth, organization.id, 'member');
    const queries = await auth.queries.during(async () =>
      expect((await list(owner, organization.id)).data).toHaveLength(6),
    );
    expect(queries).toHaveLength(3);
  });

  it('is closed to whoever may not see members, and a made-up cursor is refused', async () => {
    const { owner, organization } = await anOrganization(auth);
    const blind = await join(auth, organization.id, await aCustomRole(auth, organization.id, ['organization:read']));
    expect(await outcome(list(blind, organization.id))).toBe('permission_denied');
    expect(await outcome(list(await auth.aUser(), organization.id))).toBe('not_found');
    expect(await outcome(list(owner, organization.id, { cursor: 'made-up' }))).toBe('validation_failed');
  });
});
