import {
  builtInRoles,
  createOrganization,
  getOrganization,
  listMembers,
  listOrganizations,
  renameOrganization,
  type Organization,
} from '#libs/contracts';
import { newId } from '#libs/database';
import { as, outcome, outcomes } from '../../../test/as';
import { actorOf, contextOf, startAuth, type TestAuth } from '../../../test/auth';
import { aCustomRole, anOrganization, everywhere, join } from '../../../test/organizations';
import type { User } from '../../account/user/users.table';
import { slugOf } from './slug';

let auth: TestAuth;
beforeAll(async () => (auth = await startAuth()));

const create = (user: User, name = 'Acme'): Promise<Organization> =>
  auth.rpc.call(createOrganization, { name }, as(user));
const list = (user: User, page: object = {}) => auth.rpc.call(listOrganizations, page, as(user));
const get = (user: User, organizationId: string) => auth.rpc.call(getOrganization, { organizationId }, as(user));
const rename = (user: User, organizationId: string, name: string) =>
  auth.rpc.call(renameOrganization, { organizationId, name }, as(user));

describe('creating an organization', () => {
  it('makes its creator the owner, with all permissions', async () => {
    const user = await auth.aUser();
    const organization = await create(user, 'Café  Zürich & Söhne');
    expect(organization).toMatchObject({
      name: 'Café Zürich & Söhne',
      slug: 'cafe-zurich-sohne',
      logoUrl: null,
      role: 'owner',
      permissions: builtInRoles.owner,
      suspended: false,
      deleteAfter: null,
    });
    expect(await get(user, organization.id)).toEqual(organization);
  });

  it('gives each a unique slug, even for equal names', async () => {
    const users = await Promise.all([1, 2, 3, 4].map(() => auth.aUser()));
    const slugs = (await Promise.all(users.map((user) => create(user, 'Same Name')))).map(({ slug }) => slug);
    expect(new Set(slugs).size).toBe(4);
    for (const slug of slugs) expect(slug).toMatch(/^same-name(-[0-9a-f]{8})?$/);
  });

  it('is limited to a hundred owned ones, even with concurrent requests', async () => {
    const user = await auth.aUser();
    await everywhere(
      auth,
      `WITH made AS (
         INSERT INTO organizations (id, name, slug)
         SELECT gen_random_uuid(), 'x', gen_random_uuid()::text FROM generate_series(1, 99) RETURNING id
       )
       INSERT INTO memberships (organization_id, user_id, role) SELECT id, $1, 'owner' FROM made`,
      [user.id],
    );
    const answers = await outcomes([1, 2, 3].map(() => create(user)));
    expect(answers).toEqual(['limit_reached', 'limit_reached', 'ok']);
  });

  it('is refused for a deleted account', async () => {
    const user = await auth.aUser();
    await auth.dataSource.query('DELETE FROM users WHERE id = $1', [user.id]);
    expect(await outcome(create(user))).toBe('unauthenticated');
  });
});

describe('the slug of a name', () => {
  it.each([
    ['Acme', 'acme'],
    ['  --Ünï_code!!  GmbH ', 'uni-code-gmbh'],
    ['日本', 'organization'],
    ['x'.repeat(60), 'x'.repeat(40)],
    [`${'y'.repeat(39)} z`, 'y'.repeat(39)],
  ])('%j is %j', (name, slug) => expect(slugOf(name)).toBe(slug));
});

describe('the list of organizations', () => {
  it('has only the user’s own, newest first, page by page, with the role', async () => {
    const [user, stranger] = [await auth.aUser(), await auth.aUser()];
    const first = await create(user, 'First');
    await create(stranger, 'Strange');
    const { organization } = await anOrganization(auth, 'Second');
    await join(auth, organization.id, await aCustomRole(auth, organization.id, ['audit:read'], 'Auditor'), user);
    const page = await list(user, { limit: 1 });
    expect(page.data).toMatchObject([{ name: 'Second', roleName: 'Auditor', permissions: ['audit:read'] }]);
    const next = await list(user, { limit: 1, cursor: page.nextCursor });
    expect(next).toEqual({ data: [first], nextCursor: null });
    expect((await list(await auth.aUser())).data).toEqual([]);
  });

  it('shows those being deleted only to owners, and suspended ones to everyone', async () => {
    const { owner, organization } = await anOrganization(auth);
    const admin = await join(auth, organization.id, 'admin');
    await set(organization, 'suspended_at = now()');
    expect((await list(admin)).data).toMatchObject([{ suspended: true }]);
    await set(organization, "deletion_requested_at = now(), delete_after = now() + interval '1 day'");
    expect((await list(admin)).data).toEqual([]);
    expect((await list(owner)).data).toMatchObject([{ deleteAfter: expect.any(String) }]);
  });

  it('takes two statements, as does a single organization', async () => {
    const { owner, organization } = await anOrganization(auth);
    const counted = async (run: () => Promise<unknown>) => (await auth.queries.during(run)).length;
    expect(await counted(() => list(owner))).toBe(2);
    expect(await counted(() => get(owner, organization.id))).toBe(2);
  });
});

const set = ({ id }: Organization, what: string) =>
  everywhere(auth, `UPDATE organizations SET ${what} WHERE id = $1`, [id]);

describe('an organization', () => {
  it('can be renamed and keeps its slug', async () => {
    const { owner, organization } = await anOrganization(auth, 'Before');
    const renamed = await rename(owner, organization.id, 'After');
    expect(renamed).toEqual({ ...organization, name: 'After' });
    expect(await get(owner, organization.id)).toEqual(renamed);
  });

  it('allows each role exactly its permissions', async () => {
    const { organization } = await anOrganization(auth);
    const { id } = organization;
    const members = {
      admin: await join(auth, id, 'admin'),
      member: await join(auth, id, 'member'),
      viewer: await join(auth, id, 'viewer'),
      renamer: await join(auth, id, await aCustomRole(auth, id, ['organization:update'])),
      nothing: await join(auth, id, await aCustomRole(auth, id, [])),
    };
    const answers: Record<string, string[]> = {};
    for (const [role, user] of Object.entries(members)) {
      answers[role] = await Promise.all([
        outcome(get(user, id)),
        outcome(rename(user, id, 'Acme')),
        outcome(auth.rpc.call(listMembers, { organizationId: id }, as(user))),
      ]);
    }
    expect(answers).toEqual({
      admin: ['ok', 'ok', 'ok'],
      member: ['ok', 'permission_denied', 'ok'],
      viewer: ['ok', 'permission_denied', 'ok'],
      renamer: ['permission_denied', 'ok', 'permission_denied'],
      nothing: ['permission_denied', 'permission_denied', 'permission_denied'],
    });
  });

  it('refuses everyone while it is suspended', async () => {
    const { owner, organization } = await anOrganization(auth);
    await set(organization, 'suspended_at = now()');
    expect(await outcome(get(owner, organization.id))).toBe('organization_suspended');
    expect(await outcome(rename(owner, organization.id, 'x'))).toBe('organization_suspended');
    expect(await outcome(get(await auth.aUser(), organization.id))).toBe('not_found');
  });

  it('is gone for everyone except its owners while it is being deleted', async () => {
    const { owner, organization } = await anOrganization(auth);
    const admin = await join(auth, organization.id, 'admin');
    await set(organization, "deletion_requested_at = now(), delete_after = now() + interval '1 day'");
    expect(await outcome(get(admin, organization.id))).toBe('not_found');
    expect(await get(owner, organization.id)).toMatchObject({ deleteAfter: expect.any(String) });
  });
});

describe('another user’s organization', () => {
  it('responds like one that does not exist', async () => {
    const { organization } = await anOrganization(auth);
    const stranger = await auth.aUser();
    const calls = [
      (id: string) => get(stranger, id),
      (id: string) => rename(stranger, id, 'Mine'),
      (id: string) => auth.rpc.call(listMembers, { organizationId: id }, as(stranger)),
    ];
    const refusal = (call: Promise<unknown>) => call.catch((error: unknown) => error);
    for (const call of calls) {
      const [theirs, unknown] = [await refusal(call(organization.id)), await refusal(call(newId()))];
      expect(theirs).toMatchObject({ code: 'not_found', status: 404 });
      expect(JSON.stringify(theirs)).toBe(JSON.stringify(unknown));
    }
  });

  it('refuses a former member at once', async () => {
    const { organization } = await anOrganization(auth);
    const member = await join(auth, organization.id, 'admin');
    expect(await outcome(get(member, organization.id))).toBe('ok');
    await everywhere(auth, 'DELETE FROM memberships WHERE user_id = $1', [member.id]);
    expect(await outcome(get(member, organization.id))).toBe('not_found');
  });
});

it('allows an API key its scopes, where its user has the permission', async () => {
  const { owner, organization } = await anOrganization(auth);
  const viewer = await join(auth, organization.id, 'viewer');
  const key = (user: User, ...scopes: string[]) => {
    const { userId, organizationId, roles } = actorOf(user);
    return {
      context: contextOf({ actor: { kind: 'api_key', apiKeyId: newId(), userId, organizationId, roles, scopes } }),
    };
  };
  const { id: organizationId } = organization;
  const look = (options: ReturnType<typeof key>) =>
    outcome(auth.rpc.call(getOrganization, { organizationId }, options));
  const change = (options: ReturnType<typeof key>) =>
    outcome(auth.rpc.call(renameOrganization, { organizationId, name: 'x' }, options));
  expect(await look(key(owner, 'organizations:read'))).toBe('ok');
  expect(await look(key(owner, 'organizations:write'))).toBe('insufficient_scope');
  expect(await change(key(owner, 'organizations:read'))).toBe('insufficient_scope');
  expect(await change(key(owner, 'organizations:write'))).toBe('ok');
  expect(await change(key(viewer, 'organizations:write'))).toBe('permission_denied');
});
