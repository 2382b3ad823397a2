import { session } from '#libs/contracts';
import { newUser } from './client';
import { suite } from './suite';

const login = (email: string, password: string) => suite.call('POST', '/auth/login', { body: { email, password } });
const refresh = (refreshToken: string) => suite.call('POST', '/auth/refresh', { body: { refreshToken } });

/** The cookies that a browser keeps of a response, by name. */
const cookiesOf = (headers: Headers): Map<string, string> =>
  new Map(
    headers.getSetCookie().flatMap((cookie) => {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      return name === undefined || value === undefined ? [] : [[name, value] as const];
    }),
  );

describe('signing in', () => {
  it('ends the earlier session of the browser when another user signs in', async () => {
    const [ada, grace] = [await suite.aMember(), await suite.aMember()];
    const inBrowser = async ({ email, password }: typeof ada, cookie: string) =>
      cookiesOf(
        (
          await suite.call('POST', '/auth/login', {
            body: { email, password },
            headers: { 'x-session-mode': 'cookie', cookie },
          })
        ).headers,
      );
    const first = await inBrowser(ada, '');
    const second = await inBrowser(grace, [...first].map(([name, value]) => `${name}=${value}`).join('; '));
    await suite.untilRefusedEverywhere(first.get('__Host-access') ?? '');
    const [token, others] = [second.get('__Host-access') ?? '', ada.session.accessToken];
    expect((await suite.call('GET', '/users/me', { token })).body).toMatchObject({ email: grace.email });
    expect((await suite.call('GET', '/users/me', { token: others })).status).toBe(200);
  });

  it('returns the same for a wrong password and for an unknown email address', async () => {
    const member = await suite.aMember();
    const wrong = await login(member.email, 'not the password');
    const unknown = await login(newUser().email, 'not the password');
    expect(wrong).toMatchObject({ status: 401, body: { code: 'invalid_credentials' } });
    expect(withoutRequestId(wrong.body)).toEqual(withoutRequestId(unknown.body));
  });

  it('reports an unverified email address only with the right password', async () => {
    const user = newUser();
    await suite.register(user);
    await suite.mailTo(user.email, /Confirm/);
    expect(await login(user.email, user.password)).toMatchObject({
      status: 403,
      body: { code: 'email_not_verified' },
    });
    expect(await login(user.email, 'not the password')).toMatchObject({
      status: 401,
      body: { code: 'invalid_credentials' },
    });
  });
});

describe('a refresh token', () => {
  it('is rotated on each use, and the chain continues', async () => {
    const member = await suite.aMember();
    const second = session.parse((await refresh(member.session.refreshToken)).body);
    const third = session.parse((await refresh(second.refreshToken)).body);
    expect(new Set([member.session.refreshToken, second.refreshToken, third.refreshToken]).size).toBe(3);
    expect((await suite.call('GET', '/users/me', { token: third.accessToken })).status).toBe(200);
  });

  it('returns the same child to all when two tabs, or twenty, send it at once', async () => {
    const { session: first } = await suite.aMember();
    const responses = await Promise.all(Array.from({ length: 20 }, () => refresh(first.refreshToken)));
    expect(new Set(responses.map(({ body }) => session.parse(body).refreshToken)).size).toBe(1);
  });

  it('ends the session for both everywhere when it is used after its rotation, and the user is told', async () => {
    const member = await suite.aMember();
    const stolen = member.session.refreshToken;
    const current = session.parse((await refresh(stolen)).body);
    await suite.inAuthDatabase(
      `UPDATE refresh_tokens SET rotated_at = rotated_at - interval '1 minute'
       FROM sessions JOIN users ON users.id = user_id
       WHERE sessions.id = session_id AND email = $1 AND rotated_at IS NOT NULL`,
      [member.email],
    );
    expect(await refresh(stolen)).toMatchObject({ status: 401, body: { code: 'refresh_token_reused' } });
    expect(await refresh(current.refreshToken)).toMatchObject({ status: 401, body: { code: 'refresh_token_invalid' } });
    await suite.untilRefusedEverywhere(current.accessToken);
    await suite.mailTo(member.email, /signed out one of your sessions/);
  });

  it('is refused if it has expired or is unknown', async () => {
    const member = await suite.aMember();
    await suite.inAuthDatabase(
      `UPDATE refresh_tokens SET expires_at = now() - interval '1 second'
       FROM sessions JOIN users ON users.id = user_id WHERE sessions.id = session_id AND email = $1`,
      [member.email],
    );
    for (const token of [member.session.refreshToken, 'unknown']) {
      expect(await refresh(token)).toMatchObject({ status: 401, body: { code: 'refresh_token_invalid' } });
    }
  });

  it('is refused if its session has passed its maximum lifetime', async () => {
    const member = await suite.aMember();
    await suite.inAuthDatabase(
      `UPDATE sessions SET expires_at = now() - interval '1 second' WHERE user_id = (SELECT id FROM users WHERE email = $1)`,
      [member.email],
    );
    expect(await refresh(member.session.refreshToken)).toMatchObject({ body: { code: 'refresh_token_invalid' } });
  });
});

describe('signing out', () => {
  it('ends the session for its refresh token at once and for its access token everywhere', async () => {
    const { session: mine } = await suite.aMember();
    expect((await suite.call('POST', '/auth/logout', { token: mine.accessToken })).status).toBe(204);
    expect(await refresh(mine.refreshToken)).toMatchObject({ status: 401, body: { code: 'refresh_token_invalid' } });
    await suite.untilRefusedEverywhere(mine.accessToken);
  });

  it('ends the session of a refresh token alone, and returns 204 when repeated', async () => {
    const { session: mine } = await suite.aMember();
    const { accessToken: token, refreshToken } = mine;
    for (let time = 0; time < 2; time++) {
      expect((await suite.call('POST', '/auth/logout', { body: { refreshToken } })).status).toBe(204);
    }
    expect(await refresh(refreshToken)).toMatchObject({ status: 401, body: { code: 'refresh_token_invalid' } });
    await suite.untilRefusedEverywhere(token);
    expect((await suite.call('POST', '/auth/logout', { token })).status).toBe(204);
  });

  it('does not affect other sessions', async () => {
    const member = await suite.aMember();
    const other = await suite.signIn(member);
    await suite.call('POST', '/auth/logout', { token: member.session.accessToken });
    await suite.untilRefusedEverywhere(member.session.accessToken);
    expect((await suite.call('GET', '/users/me', { token: other.accessToken })).status).toBe(200);
  });

  it('leaves no live session when it races a refresh', async () => {
    for (let round = 0; round < 5; round++) {
      const { session: mine } = await suite.aMember();
      const [refreshed] = await Promise.all([
        refresh(mine.refreshToken),
        suite.call('POST', '/auth/logout', { token: mine.accessToken }),
      ]);
      await suite.untilRefusedEverywhere(mine.accessToken);
      if (refreshed.status !== 200) continue;
      const child = session.parse(refreshed.body);
      expect((await refresh(child.refreshToken)).status).toBe(401);
      await suite.untilRefusedEverywhere(child.accessToken);
    }
  });
});

function withoutRequestId(body: unknown): unknown {
  return { ...Object(body), requestId: undefined };
}
