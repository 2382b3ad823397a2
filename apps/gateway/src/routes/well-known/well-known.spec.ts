import { startGateway } from '../../../test/gateway';

it('security.txt has the contact, expires within a year, and does not exist without a contact', async () => {
  const gateway = await startGateway({ variables: { SECURITY_CONTACT: 'mailto:security@acme.test' } });
  const { status, headers, body } = await gateway.ask({ method: 'GET', url: '/.well-known/security.txt' });
  expect({ status, type: headers['content-type'] }).toEqual({ status: 200, type: 'text/plain; charset=utf-8' });
  expect(body).toMatch(/^Contact: mailto:security@acme\.test$/m);
  const expires = Date.parse(/^Expires: (.*)$/m.exec(body)?.[1] ?? '');
  expect(expires).toBeGreaterThan(Date.now());
  expect(expires).toBeLessThan(Date.now() + 365 * 86_400_000);
  await gateway.stop();
  const without = await startGateway();
  expect((await without.ask({ method: 'GET', url: '/.well-known/security.txt' })).status).toBe(404);
});

it('redirects password managers to the page that requests a reset link', async () => {
  const gateway = await startGateway();
  const { status, headers } = await gateway.ask({ method: 'GET', url: '/.well-known/change-password' });
  expect({ status, location: headers['location'] }).toEqual({ status: 302, location: '/forgot-password' });
  expect((await gateway.ask({ method: 'GET', url: '/forgot-password' })).body).toContain('type="email"');
});
