import { eventually } from '#libs/testing';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { tokenIn } from './client';
import { suite, suiteFolder } from './suite';

const logs = () =>
  globSync('{gateway,auth,billing,notification}*.log', { cwd: join(suiteFolder, 'logs') })
    .map((name) => readFileSync(join(suiteFolder, 'logs', name), 'utf8'))
    .join('\n');

describe('the logs of all services', () => {
  it('contain one line for the request and for each RPC and job behind it, with the request id', async () => {
    const requestId = `trail-${randomUUID()}`;
    const user = { email: `${requestId}@example.com`, password: 'a very good password', name: 'Ada' };
    await suite.call('POST', '/auth/register', { body: user, headers: { 'x-request-id': requestId } });
    await suite.mailTo(user.email, /Confirm/);
    await eventually(() => {
      const lines = logs()
        .split('\n')
        .filter((line) => line.includes(requestId));
      expect(lines.filter((line) => line.includes('"route":"/api/v1/auth/register"'))).toHaveLength(1);
      expect(lines.filter((line) => line.includes('"contract":"auth.register"'))).toHaveLength(1);
      for (const job of ['registration.requested', 'mail.requested', 'mail.send']) {
        expect(
          lines.filter((line) => line.includes(`"job":"${job}"`) && line.includes('"outcome":"done"')),
        ).toHaveLength(1);
      }
      return true;
    });
  });

  it('contain no password, token, cookie, email address or email body', async () => {
    const member = await suite.aMember();
    const token = tokenIn(await suite.mailTo(member.email, /Confirm/));
    const session = await suite.signIn(member);
    const { refreshToken } = session;
    await suite.call('POST', '/auth/refresh', { body: { refreshToken } });
    const cookies = await suite.call('POST', '/auth/login', {
      body: { email: member.email, password: member.password },
      headers: { 'x-session-mode': 'cookie' },
    });
    const planted = `planted-${randomUUID()}`;
    await suite.call('POST', '/auth/login', { body: `{"email":"${planted}@example.com","password":"${planted}",` });
    await suite.call('GET', `/users/me?token=${planted}`, {
      token: planted,
      headers: { cookie: `__Host-access=${planted}` },
    });
    const last = `last-${randomUUID()}`;
    await suite.call('GET', '/users/me', { token: session.accessToken, headers: { 'x-request-id': last } });
    await eventually(() => logs().includes(last));

    const written = logs();
    const cookieValues = cookies.headers.getSetCookie().map((cookie) => /=([^;]*)/.exec(cookie)?.[1] ?? '');
    expect(cookieValues.filter((value) => value.length > 20).length).toBeGreaterThanOrEqual(3);
    const secrets = [planted, member.password, member.email, token, session.accessToken, refreshToken, ...cookieValues];
    for (const secret of secrets.filter((value) => value.length > 10)) expect(written.includes(secret)).toBe(false);
  });
});
