import { permissions } from '#libs/contracts';
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { bearer, startGateway, type Question, type TestGateway } from '../../test/gateway';
import { testOrganizationId } from '../../test/organizations';
import { agreeableAuth, refuse } from '../../test/stub-services';

let gateway: TestGateway;
beforeAll(async () => (gateway = await startGateway()));
afterEach(() => Object.assign(gateway.auth, agreeableAuth(gateway.tokens)));

const url = '/api/v1/organizations';
const ask = async (question: Omit<Question, 'headers'>) =>
  gateway.ask({ ...question, headers: bearer(await gateway.tokens.sign()) });

describe('the routes of organisations', () => {
  it('create, list, show and rename one', async () => {
    const created = await ask({ method: 'POST', url, body: { name: '  Acme   Ltd ' } });
    expect(created).toMatchObject({ status: 201, json: { name: 'Acme Ltd', role: 'owner' } });
    expect(await ask({ method: 'GET', url })).toMatchObject({ status: 200, json: { data: [{ name: 'Acme' }] } });
    const id = randomUUID();
    expect(await ask({ method: 'GET', url: `${url}/${id}` })).toMatchObject({ status: 200, json: { id } });
    const renamed = await ask({ method: 'PATCH', url: `${url}/${id}`, body: { name: 'New' } });
    expect(renamed).toMatchObject({ status: 200, json: { id, name: 'New' } });
  });

  it('list the members', async () => {
    const answer = await ask({ method: 'GET', url: `${url}/${testOrganizationId}/members?limit=5` });
    expect(answer).toMatchObject({ status: 200, json: { data: [{ name: 'Ada Lovelace' }], nextCursor: null } });
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

  it.each(['1', 'me', `${testOrganizationId}x`, '%00'])('answer 422 to the id %s', async (id) => {
    const answer = await ask({ method: 'GET', url: `${url}/${id}` });
    expect(answer).toMatchObject({ status: 422, json: { errors: [{ path: 'id' }] } });
  });

  it('answer alike for another tenant’s organisation and for one that never was', async () => {
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

it('the API’s description says which permission a route needs, and what each permission is for', async () => {
  const { json } = await gateway.ask({ method: 'GET', url: '/api/v1/openapi.json' });
  const operation = z.looseObject({ 'x-permission': z.string().optional() });
  const description = z
    .object({ paths: z.record(z.string(), z.record(z.string(), operation)), 'x-permissions': z.unknown() })
    .parse(json);
  expect(description['x-permissions']).toEqual(permissions);
  const one = description.paths[`${url}/{id}`];
  expect(one?.['get']?.['x-permission']).toBe('organization:read');
  expect(one?.['patch']?.['x-permission']).toBe('organization:update');
  expect(description.paths[url]?.['post']).not.toHaveProperty('x-permission');
});
