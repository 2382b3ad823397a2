import { randomUUID } from 'node:crypto';
import { bearer, publicUrl, startGateway, type TestRequest, type TestGateway } from '../../../test/gateway';
import { testInvitationId } from '../../../test/invitations';
import { testOrganizationId } from '../../../test/organizations';
import { agreeableAuth, refuse } from '../../../test/stub-services';

let gateway: TestGateway;
beforeAll(async () => (gateway = await startGateway()));
afterEach(() => Object.assign(gateway.auth, agreeableAuth(gateway.tokens)));

const url = `/api/v1/organizations/${testOrganizationId}/invitations`;
const ask = async (request: Omit<TestRequest, 'headers'>) =>
  gateway.ask({ ...request, headers: bearer(await gateway.tokens.sign()) });
const email = 'grace@example.com';

describe('the routes of invitations', () => {
  it('create, list, resend and revoke an invitation', async () => {
    const created = await ask({ method: 'POST', url, body: { email: ' Grace@Example.com ', role: 'viewer' } });
    expect(created).toMatchObject({ status: 201, json: { email, role: 'viewer', state: 'pending' } });
    const listed = await ask({ method: 'GET', url: `${url}?state=pending&limit=5` });
    expect(listed).toMatchObject({ status: 200, json: { data: [{ email }], nextCursor: null } });
    const again = await ask({ method: 'POST', url: `${url}/${testInvitationId}/resend` });
    expect(again).toMatchObject({ status: 200, json: { id: testInvitationId } });
    expect((await ask({ method: 'DELETE', url: `${url}/${testInvitationId}` })).status).toBe(204);
  });

  it('create many invitations and return a result for each', async () => {
    const invitations = [email, 'alan@example.com'].map((address) => ({ email: address, role: 'member' }));
    const response = await ask({ method: 'POST', url: `${url}/batch`, body: { invitations } });
    const data = [
      { email, refusal: null },
      { email: 'alan@example.com', refusal: null },
    ];
    expect(response).toMatchObject({ status: 200, json: { data } });
  });

  it.each([
    [{ email, role: 'owner' }, 'role'],
    [{ email, role: 'boss' }, 'role'],
    [{ email: 'grace', role: 'member' }, 'email'],
    [{ email, role: 'member', seatLimit: 1 }, 'seatLimit'],
    [{ email }, 'role'],
  ])('refuse %j', async (body, path) => {
    expect(await ask({ method: 'POST', url, body })).toMatchObject({ status: 422, json: { errors: [{ path }] } });
  });

  it.each([0, 101, 1_000])('refuse %d invitations at once, and report the limit', async (count) => {
    const invitations = Array.from({ length: count }, (_, n) => ({ email: `a${n}@example.com`, role: 'member' }));
    const response = await ask({ method: 'POST', url: `${url}/batch`, body: { invitations } });
    const message = expect.stringContaining(count === 0 ? '1' : '100');
    expect(response).toMatchObject({ status: 422, json: { errors: [{ path: 'invitations', message }] } });
  });

  it('return 422 for invalid ids and states', async () => {
    for (const [method, path] of [
      ['DELETE', `${url}/1`],
      ['POST', `${url}/1/resend`],
      ['GET', `${url}?state=open`],
    ] as const) {
      expect((await ask({ method, url: path })).status).toBe(422);
    }
  });

  it('return the same error for another tenant’s organization and for one that does not exist', async () => {
    gateway.auth.createInvitation = refuse('not_found');
    const bodies = [];
    for (const id of [testOrganizationId, randomUUID()]) {
      const at = `/api/v1/organizations/${id}/invitations`;
      const { status, body } = await ask({ method: 'POST', url: at, body: { email, role: 'member' } });
      expect(status).toBe(404);
      bodies.push(body.replace(/"requestId":"[^"]*"/, ''));
    }
    expect(bodies[0]).toBe(bodies[1]);
  });
});

describe('the holder of the link', () => {
  const body = { token: 'abc.def' };

  it('can preview and decline without being signed in', async () => {
    const looked = await gateway.ask({ method: 'POST', url: '/api/v1/invitations/look', body });
    expect(looked).toMatchObject({ status: 200, json: { organizationName: 'Acme', email } });
    expect((await gateway.ask({ method: 'POST', url: '/api/v1/invitations/decline', body })).status).toBe(204);
  });

  it('can accept only when signed in, and gets the reason of a refusal', async () => {
    const request = { method: 'POST', url: '/api/v1/invitations/accept', body } as const;
    expect(await gateway.ask(request)).toMatchObject({ status: 401, json: { code: 'unauthenticated' } });
    expect(await ask(request)).toMatchObject({ status: 200, json: { id: testOrganizationId, role: 'member' } });
    gateway.auth.acceptInvitation = refuse('invitation_email_mismatch');
    expect(await ask(request)).toMatchObject({ status: 403, json: { code: 'invitation_email_mismatch' } });
  });

  it('can sign up and gets a session, or cookies as a browser', async () => {
    const registration = { ...body, name: 'Grace', password: 'tomatoes grow in june' };
    const request = { method: 'POST', url: '/api/v1/invitations/register', body: registration } as const;
    expect(await gateway.ask(request)).toMatchObject({ status: 200, json: { tokenType: 'Bearer' } });
    const headers = { 'x-session-mode': 'cookie', origin: publicUrl };
    const browser = await gateway.ask({ ...request, headers });
    expect(browser).toMatchObject({ status: 200, json: { expiresIn: expect.any(Number) } });
    expect(Object.keys(browser.cookies)).toEqual(expect.arrayContaining(['__Host-access', '__Host-csrf']));
    const foreign = await gateway.ask({ ...request, headers: { ...headers, origin: 'https://evil.example' } });
    expect(foreign).toMatchObject({ status: 403, json: { code: 'csrf_failed' } });
  });

  it('has the rate limit of other emailed tokens', async () => {
    const { headers } = await gateway.ask({ method: 'POST', url: '/api/v1/invitations/look', body });
    expect(headers['ratelimit-policy']).toContain('"mailed-token"');
  });
});

it('limits how many emails one user can request over all organizations', async () => {
  const policies = [];
  for (const [path, body] of [
    [url, { email, role: 'member' }],
    [`${url}/${testInvitationId}/resend`, undefined],
    [`${url}/batch`, { invitations: [{ email, role: 'member' }] }],
  ] as const) {
    const { headers } = await ask({ method: 'POST', url: path, ...(body === undefined ? {} : { body }) });
    policies.push(headers['ratelimit-policy']);
  }
  expect(policies).toEqual([
    '"invitation";q=600;w=3600',
    '"invitation";q=600;w=3600',
    '"invitation-batch";q=100;w=3600',
  ]);
});
