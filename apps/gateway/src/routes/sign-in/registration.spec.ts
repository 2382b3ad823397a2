import type { RequestOf, register } from '#libs/contracts';
import { startGateway, type TestGateway } from '../../../test/gateway';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});

const post = (url: string, body: object) => gateway.ask({ method: 'POST', url: `/api/v1/auth/${url}`, body });

describe('registering', () => {
  it('sends auth the normalized fields and returns 202', async () => {
    const seen: RequestOf<typeof register>[] = [];
    gateway.auth.register = async (account) => (seen.push(account), { status: 'verification_sent' });
    const response = await post('register', {
      email: ' Ada@Example.COM',
      password: 'correct horse',
      name: 'Ada  Lovelace',
    });
    expect(response).toMatchObject({ status: 202, json: { status: 'verification_sent' } });
    expect(seen).toEqual([{ email: 'ada@example.com', password: 'correct horse', name: 'Ada Lovelace' }]);
  });

  it.each([
    ['without @', { email: 'ada.example.com' }, 'email'],
    ['of 255 characters', { email: `${'a'.repeat(243)}@example.com` }, 'email'],
    ['with 7 characters', { password: '1234567' }, 'password'],
    ['with 129 characters', { password: 'x'.repeat(129) }, 'password'],
    ['that is a number', { password: 12345678 }, 'password'],
    ['with a link in it', { name: 'Ada https://example.com' }, 'name'],
    ['that we do not speak', { locale: 'tlh' }, 'locale'],
  ])('refuses a field %s', async (_what, field, path) => {
    const response = await post('register', {
      email: 'ada@example.com',
      password: 'correct horse',
      name: 'Ada',
      ...field,
    });
    expect(response).toMatchObject({ status: 422, json: { errors: [{ path }] } });
  });
});

describe('requesting another verification email', () => {
  it('returns 202', async () => {
    const response = await post('verify-email/resend', { email: 'ada@example.com' });
    expect(response).toMatchObject({ status: 202, json: { status: 'verification_sent' } });
  });
});
