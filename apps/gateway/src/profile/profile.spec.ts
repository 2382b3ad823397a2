import { bearer, startGateway, type TestGateway } from '../../test/gateway';

describe('GET /users/me', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway();
  });
  afterAll(() => gateway.stop());

  it('answers a signed-in user with the account', async () => {
    const answer = await gateway.ask({
      method: 'GET',
      url: '/api/v1/users/me',
      headers: bearer(await gateway.tokens.sign()),
    });
    console.log(answer);
    expect(answer.status).toBe(200);
  });
});
