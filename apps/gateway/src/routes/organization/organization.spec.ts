import { permissions } from '#libs/contracts';
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { fileForm, plain } from '../../../test/pictures';
import { bearer, startGateway, type TestRequest, type TestGateway } from '../../../test/gateway';
import { organizationWith, testOrganizationId } from '../../../test/organizations';
import { agreeableAuth, refuse } from '../../../test/stub-services';

let gateway: TestGateway;
beforeAll(async () => (gateway = await startGateway()));
afterEach(() => Object.assign(gateway.auth, agreeableAuth(gateway.tokens)));

const url = '/api/v1/organizations';
const ask = async (request: Omit<TestRequest, 'headers'>) =>
  gateway.ask({ ...request, headers: bearer(await gateway.tokens.sign()) });

describe('the routes of organizations', () => {
  it('create, list, show and rename an organization', async () => {
    const created = await ask({ method: 'POST', url, body: { name: '  Acme   Ltd ' } });
    expect(created).toMatchObject({ status: 201, json: { name: 'Acme Ltd', role: 'owner' } });
    expect(await ask({ method: 'GET', url })).toMatchObject({ status: 200, json: { data: [{ name: 'Acme' }] } });
    const id = randomUUID();
    expect(await ask({ method: 'GET', url: `${url}/${id}` })).toMatchObject({ status: 200, json: { id } });
    const renamed = await ask({ method: 'PATCH', url: `${url}/${id}`, body: { name: 'New' } });
    expect(renamed).toMatchObject({ status: 200, json: { id, name: 'New' } });
  });

  it('list the members', async () => {
    const response = await ask({ method: 'GET', url: `${url}/${testOrganizationId}/members?limit=5` });
    expect(response).toMatchObject({ status: 200, json: { data: [{ name: 'Ada Lovelace' }], nextCursor: null } });
  });

  it.each([
    [{ name: '' }, 'name'],
    [{ name: 'see https://evil.example' }, 'name'],
    [{ name: 'Acme', id: randomUUID() }, 'id'],
    [{ name: 'Acme', organizationId: randomUUID() }, 'organizationId'],
    [{ name: 'Acme', seatLimit: 1000 }, 'seatLimit'],
  ])('refuse %j', async (body, path) => {
    const refused = { status: 422, json: { errors: [{ path }] } };
    expect(await ask({ method: 'POST', url, body })).toMatchObject(refused);
    expect(await ask({ method: 'PATCH', url: `${url}/${testOrganizationId}`, body })).toMatchObject(refused);
  });

  it.each(['1', 'me', `${testOrganizationId}x`, '%00'])('return 422 for the id %s', async (id) => {
    const response = await ask({ method: 'GET', url: `${url}/${id}` });
    expect(response).toMatchObject({ status: 422, json: { errors: [{ path: 'organizationId' }] } });
  });

  it('return the same error for another tenant’s organization and for one that does not exist', async () => {
    gateway.auth.getOrganization = refuse('not_found');
    const bodies = [];
    for (const id of [testOrganizationId, randomUUID()]) {
      const { status, body } = await ask({ method: 'GET', url: `${url}/${id}` });
      expect(status).toBe(404);
      bodies.push(body.replace(/"requestId":"[^"]*"/, ''));
    }
    expect(bodies[0]).toBe(bodies[1]);
  });
});

describe('the routes inside an organization', () => {
  const inside = `${url}/${testOrganizationId}`;
  const [userId, roleId] = [randomUUID(), randomUUID()];
  const role = { name: 'Auditor', permissions: ['audit:read'] };

  it.each<[TestRequest['method'], string, object | undefined, number, object]>([
    ['PATCH', `/members/${userId}`, { role: 'admin' }, 200, { userId, role: 'admin' }],
    ['PATCH', `/members/${userId}`, { role: roleId }, 200, { role: roleId }],
    ['DELETE', `/members/${userId}`, undefined, 204, {}],
    ['DELETE', '/members/me', undefined, 204, {}],
    ['GET', '/roles', undefined, 200, { data: [{ name: 'Auditor', builtIn: false }] }],
    ['POST', '/roles', role, 201, role],
    ['PATCH', `/roles/${roleId}`, { name: 'Reader' }, 200, { id: roleId, name: 'Reader' }],
    ['DELETE', `/roles/${roleId}`, undefined, 204, {}],
    ['POST', '/transfer', { userId }, 201, { toUserId: userId }],
    ['GET', '/transfer', undefined, 200, {}],
    ['POST', '/transfer/accept', undefined, 200, { id: testOrganizationId }],
    ['POST', '/transfer/decline', undefined, 204, {}],
    ['DELETE', '/transfer', undefined, 204, {}],
    ['DELETE', '', undefined, 200, { deleteAfter: '2026-02-01T00:00:00.000Z' }],
    ['POST', '/restore', undefined, 200, { deleteAfter: null }],
    ['DELETE', '/logo', undefined, 204, {}],
  ])('handle %s %s', async (method, path, body, status, json) => {
    const response = await ask({ method, url: `${inside}${path}`, ...(body === undefined ? {} : { body }) });
    expect(response.status).toBe(status);
    if (status !== 204) expect(response.json).toMatchObject(json);
  });

  it('distinguish leaving from removing a member: leaving needs no id and accepts none', async () => {
    gateway.auth.removeMember = refuse('permission_denied');
    expect(await ask({ method: 'DELETE', url: `${inside}/members/me` })).toMatchObject({ status: 204 });
    expect(await ask({ method: 'DELETE', url: `${inside}/members/${userId}` })).toMatchObject({ status: 403 });
  });

  it.each<[TestRequest['method'], string, object, string]>([
    ['PATCH', `/members/${userId}`, { role: 'superuser' }, 'role'],
    ['PATCH', '/members/x', { role: 'admin' }, 'userId'],
    ['PATCH', `/members/${userId}`, { role: 'admin', userId }, 'userId'],
    ['POST', '/roles', { ...role, permissions: ['organization:delete'] }, 'permissions.0'],
    ['POST', '/roles', { ...role, permissions: ['audit:read', 'audit:read'] }, 'permissions'],
    ['POST', '/roles', { ...role, permissions: [] }, 'permissions'],
    ['POST', '/roles', { ...role, name: 'Admin' }, 'name'],
    ['PATCH', `/roles/${roleId}`, {}, ''],
    ['PATCH', '/roles/owner', { name: 'Reader' }, 'roleId'],
    ['POST', '/transfer', { userId: 'me' }, 'userId'],
  ])('refuse %s %s with %j', async (method, path, body, field) => {
    const response = await ask({ method, url: `${inside}${path}`, body });
    expect(response).toMatchObject({ status: 422, json: { errors: [{ path: field }] } });
  });

  it('re-encode a logo like an avatar, and refuse a file that is not a picture', async () => {
    const sent: string[] = [];
    gateway.auth.storeLogo = async ({ organizationId, picture }) => {
      sent.push(picture);
      return organizationWith({ id: organizationId });
    };
    const upload = async (file: Buffer) => {
      const { body, headers } = fileForm(file);
      const all = { ...bearer(await gateway.tokens.sign()), ...headers };
      return gateway.ask({ method: 'PUT', url: `${inside}/logo`, headers: all, body });
    };
    expect(await upload(await plain().jpeg().toBuffer())).toMatchObject({
      status: 200,
      json: { id: testOrganizationId },
    });
    expect(Buffer.from(sent[0] ?? '', 'base64').toString('latin1', 8, 12)).toBe('WEBP');
    expect(await upload(Buffer.from('<svg/>'))).toMatchObject({ status: 422, json: { code: 'image_rejected' } });
    expect(sent).toHaveLength(1);
  });
});

it('names the permission of each route in the OpenAPI document, and describes each permission', async () => {
  const { json } = await gateway.ask({ method: 'GET', url: '/api/v1/openapi.json' });
  const operation = z.looseObject({ 'x-permission': z.string().optional() });
  const description = z
    .object({ paths: z.record(z.string(), z.record(z.string(), operation)), 'x-permissions': z.unknown() })
    .parse(json);
  expect(description['x-permissions']).toEqual(permissions);
  const one = description.paths[`${url}/{organizationId}`];
  expect(one?.['get']?.['x-permission']).toBe('organization:read');
  expect(one?.['patch']?.['x-permission']).toBe('organization:update');
  expect(description.paths[url]?.['post']).not.toHaveProperty('x-permission');
});
