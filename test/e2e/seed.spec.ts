import { organization } from '#libs/contracts';
import { z } from 'zod';
import { resultOf } from '#libs/testing';
import { seed as command } from '../../tools/seed/command';
import { demoPassword } from '../../tools/seed/demo';
import { apiUrl, mailUrl, suite } from './suite';

const seed = (env: Readonly<Record<string, string>> = {}) =>
  resultOf(command, [], { API_URL: apiUrl, MAIL_URL: mailUrl, ...env });

const organizationsOf = async (email: string) => {
  const { accessToken: token } = await suite.signIn({ email, password: demoPassword });
  const { body } = await suite.call('GET', '/organizations', { token });
  return z.object({ data: z.array(organization) }).parse(body).data;
};

it('npm run seed creates users who can sign in, organizations, roles and open invitations, and adds nothing when repeated', async () => {
  const first = await seed();
  expect(first).toMatchObject({ code: 0, output: expect.stringContaining('ada@engines.example.com') });
  const before = await organizationsOf('ada@engines.example.com');
  expect(before.map(({ name, roleName }) => [name, roleName]).toSorted()).toEqual([
    ['Analytical Engines', 'owner'],
    ['Compiler Works', 'viewer'],
  ]);
  const [bookkeeping] = await organizationsOf('luigi@engines.example.com');
  expect(bookkeeping).toMatchObject({ roleName: 'Bookkeeper', permissions: expect.arrayContaining(['audit:read']) });

  expect(await seed()).toEqual({ code: 0, output: first.output });
  expect(await organizationsOf('ada@engines.example.com')).toEqual(before);
});

it.each([
  ['in production', { NODE_ENV: 'production' }, /NODE_ENV is production/],
  ['for a suite elsewhere', { API_URL: 'https://api.acme.example' }, /API_URL is https:\/\/api\.acme\.example/],
  ['for a name that only looks like this machine', { API_URL: 'http://localhost.acme.example' }, /API_URL is/],
  ['without a mail catcher', { MAIL_URL: '' }, /MAIL_URL is not set/],
])('npm run seed is refused %s', async (_where, env, reason) => {
  expect(await seed(env)).toMatchObject({ code: 2, output: expect.stringMatching(reason) });
});
