import { mfaRequired, recoveryCodes, session, totpEnrollment, type Session } from '#libs/contracts';
import speakeasy from 'speakeasy';
import { z } from 'zod';
import { newUser, tokenIn, type ApiResponse } from './client';
import { apiUrl, suite } from './suite';

const post = (path: string, body: object, token?: string) =>
  suite.call('POST', path, { body, ...(token === undefined ? {} : { token }) });

async function linkTo(address: string, subject: RegExp): Promise<string> {
  const link = /https?:\/\/\S+#token=\S+/.exec((await suite.mailTo(address, subject)).text)?.[0];
  if (link === undefined) throw new Error('The mail has no link.');
  return link;
}

const tokenOf = (link: string) => link.split('#token=')[1] ?? '';

describe('a forgotten password', () => {
  it('is replaced by the emailed link, which ends every session everywhere', async () => {
    const member = await suite.aMember();
    expect(await post('/auth/password/forgot', { email: member.email })).toMatchObject({ status: 202 });
    const token = tokenIn(await suite.mailTo(member.email, /Reset your password/));
    const password = `tomatoes ${member.password}`;
    expect(await post('/auth/password/reset', { token, password })).toMatchObject({ status: 204, body: '' });
    await suite.untilRefusedEverywhere(member.session.accessToken);
    expect((await suite.signIn({ ...member, password })).user.email).toBe(member.email);
    await suite.mailTo(member.email, /password was reset/);
  });

  it('refuses a verification token as a reset token and the reverse, and keeps both valid for their purpose', async () => {
    const [newcomer, member] = [newUser(), await suite.aMember()];
    await suite.register(newcomer);
    const verification = tokenIn(await suite.mailTo(newcomer.email, /Confirm/));
    await post('/auth/password/forgot', { email: member.email });
    const reset = tokenIn(await suite.mailTo(member.email, /Reset your password/));
    const password = 'tomatoes grow in june';
    expect(await post('/auth/password/reset', { token: verification, password })).toMatchObject({
      status: 400,
      body: { code: 'token_invalid' },
    });
    expect(await suite.verify(reset)).toMatchObject({ status: 400, body: { code: 'token_invalid' } });
    expect((await suite.verify(verification)).status).toBe(200);
    expect((await post('/auth/password/reset', { token: reset, password })).status).toBe(204);
  });
});

describe('a link opened by an email scanner', () => {
  it('still works: GET and HEAD of emailed links use up nothing', async () => {
    const member = await suite.aMember();
    await post('/auth/password/forgot', { email: member.email });
    await post('/auth/magic-link', { email: member.email });
    const links = [await linkTo(member.email, /Reset your password/), await linkTo(member.email, /sign-in link/)];
    for (const link of links) {
      for (const method of ['GET', 'HEAD', 'GET']) {
        const opened = await fetch(link, { method });
        expect(opened.status).toBe(200);
        // Some scanners send the fragment as well.
        await fetch(link.replace('#', '?'), { method });
      }
    }
    expect((await post('/auth/magic-link/verify', { token: tokenOf(links[1] ?? '') })).status).toBe(200);
    const password = 'tomatoes grow in june';
    expect((await post('/auth/password/reset', { token: tokenOf(links[0] ?? ''), password })).status).toBe(204);
  });
});

describe('two-factor authentication', () => {
  async function withApp() {
    const member = await suite.aMember();
    const token = member.session.accessToken;
    const { secret } = totpEnrollment.parse((await post('/users/me/mfa/totp', {}, token)).body);
    const enrolledAt = Date.now() / 1_000;
    const codeAfter = (steps: number) =>
      speakeasy.totp({ secret, encoding: 'base32', time: Math.floor(enrolledAt + steps * 30) });
    const codes = recoveryCodes.parse((await post('/users/me/mfa/totp/confirm', { code: codeAfter(0) }, token)).body);
    return { ...member, codeAfter, codes: codes.recoveryCodes };
  }

  it('asks for a code after the password, and signs in with it', async () => {
    const member = await withApp();
    const first = await post('/auth/login', { email: member.email, password: member.password });
    const { mfaToken, methods } = mfaRequired.parse(first.body);
    expect(methods).toEqual(['totp', 'recovery_code']);
    expect(Object.keys(Object(first.body)).sort()).toEqual(['methods', 'mfaRequired', 'mfaToken', 'type']);
    expect(await post('/auth/mfa', { mfaToken, code: '000000' })).toMatchObject({
      status: 401,
      body: { code: 'invalid_code' },
    });
    const second = session.parse((await post('/auth/mfa', { mfaToken, code: member.codeAfter(1) })).body);
    expect(second.user.mfaEnabled).toBe(true);
    await suite.mailTo(member.email, /Two-factor authentication is on/);
  });

  it('refuses the mfaToken on every route except the one for the second factor', async () => {
    const member = await withApp();
    const { mfaToken } = mfaRequired.parse(
      (await post('/auth/login', { email: member.email, password: member.password })).body,
    );
    const routes = await apiRoutes();
    expect(routes.filter(({ closed }) => closed).length).toBeGreaterThan(10);
    for (const { method, path, closed } of routes.filter(({ path }) => path !== '/api/v1/auth/mfa')) {
      const body = {
        token: mfaToken,
        refreshToken: mfaToken,
        accessToken: mfaToken,
        mfaToken,
        password: 'tomatoes grow in june',
      };
      for (const accepted of bodiesFor(body)) {
        const response = await suite.call(method, `${apiUrl}${path}`, {
          token: mfaToken,
          headers: { cookie: `__Host-access=${mfaToken}; __Secure-refresh=${mfaToken}` },
          ...(method === 'GET' ? {} : { body: accepted }),
        });
        if (closed) expect({ path, status: response.status }).toEqual({ path, status: 401 });
        else expect({ path, signedIn: session.safeParse(response.body).success }).toEqual({ path, signedIn: false });
        if (method === 'GET') break;
      }
    }
    expect((await post('/auth/mfa', { mfaToken, recoveryCode: member.codes[0] })).status).toBe(200);
  });
});

describe('a change of email address', () => {
  it('is confirmed at the new one, reported to the old one, and can be undone from there', async () => {
    const member = await suite.aMember();
    const { email: address } = newUser();
    expect((await post('/users/me/email', { email: address }, member.session.accessToken)).status).toBe(202);
    const token = tokenIn(await suite.mailTo(address, /Confirm your new email address/));
    expect((await post('/users/me/email/confirm', { token })).status).toBe(204);
    expect((await suite.signIn({ ...member, email: address })).user.email).toBe(address);
    const undo = tokenIn(await suite.mailTo(member.email, /address was changed/));
    expect((await post('/users/me/email/undo', { token: undo })).status).toBe(204);
    await suite.untilRefusedEverywhere(member.session.accessToken);
    // The user who changed the address may know the password, so it was removed.
    const { email, password: old } = member;
    expect((await post('/auth/login', { email, password: old })).status).toBe(401);
    const reset = tokenIn(await suite.mailTo(member.email, /Reset your password/));
    const password = 'tomatoes grow in june';
    expect((await post('/auth/password/reset', { token: reset, password })).status).toBe(204);
    expect((await suite.signIn({ ...member, password })).user.email).toBe(member.email);
  });
});

describe('sessions', () => {
  it('are listed, and a revoked one is refused everywhere', async () => {
    const member = await suite.aMember();
    const other = await suite.signIn(member);
    const { body } = await suite.call('GET', '/users/me/sessions', { token: other.accessToken });
    const { data } = z.object({ data: z.array(z.object({ id: z.string(), current: z.boolean() })) }).parse(body);
    expect(data.map(({ current }) => current).sort()).toEqual([false, true]);
    const first = data.find(({ current }) => !current)?.id ?? '';
    expect((await suite.call('DELETE', `/users/me/sessions/${first}`, { token: other.accessToken })).status).toBe(204);
    await suite.untilRefusedEverywhere(member.session.accessToken);
    expect((await suite.call('GET', '/users/me', { token: other.accessToken })).status).toBe(200);
    expect((await suite.call('DELETE', '/users/me/sessions/x', { token: other.accessToken })).status).toBe(422);
  });

  it('allow sensitive actions after an old sign-in only with re-authentication', async () => {
    const member = await suite.aMember();
    await suite.inAuthDatabase(
      `UPDATE sessions SET authenticated_at = now() - interval '11 minutes'
       WHERE user_id = (SELECT id FROM users WHERE email = $1)`,
      [member.email],
    );
    const old = await refreshed(member.session);
    const begin = (token: string) => post('/users/me/mfa/totp', {}, token);
    expect(await begin(old.accessToken)).toMatchObject({ status: 403, body: { code: 'reauthentication_required' } });
    const { body } = await post('/auth/reauthenticate', { password: member.password }, old.accessToken);
    const { accessToken } = z.object({ accessToken: z.string() }).parse(body);
    expect((await begin(accessToken)).status).toBe(200);
  });

  it('are recorded in the security log, page by page', async () => {
    const member = await suite.aMember();
    await suite.signIn(member);
    const read = async (query: string) =>
      suite.call('GET', `/users/me/security-log${query}`, { token: member.session.accessToken });
    const page = z.object({ data: z.array(z.object({ type: z.string() })), nextCursor: z.string().nullable() });
    const first = page.parse((await read('?limit=1')).body);
    const second = page.parse((await read(`?limit=1&cursor=${first.nextCursor}`)).body);
    expect([first.data.length, second.data.length, second.nextCursor]).toEqual([1, 1, null]);
    for (const query of ['?limit=0', '?limit=101', '?limit=x', '?cursor=x', '?unknown=1', '?limit=1&limit=2']) {
      expect((await read(query)).status).toBe(422);
    }
  });
});

it('returns the same public responses for known and unknown email addresses', async () => {
  const member = await suite.aMember();
  for (const path of ['/auth/password/forgot', '/auth/magic-link', '/auth/verify-email/resend']) {
    const [known, unknown] = [await post(path, { email: member.email }), await post(path, { email: newUser().email })];
    expect(withoutVariation(known)).toEqual(withoutVariation(unknown));
  }
});

async function refreshed({ refreshToken }: Session): Promise<Session> {
  return session.parse((await post('/auth/refresh', { refreshToken })).body);
}

/** Every route of the API, with values for its parameters. */
async function apiRoutes() {
  const { body } = await suite.call('GET', '/openapi.json');
  const operation = z.object({ security: z.array(z.unknown()) });
  const { paths } = z.object({ paths: z.record(z.string(), z.record(z.string(), operation)) }).parse(body);
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { security }]) => ({
      method: method.toUpperCase(),
      path: path.replaceAll(/\{\w+\}/g, '0199d1f0-0000-7000-8000-000000000000'),
      closed: security.length > 0,
    })),
  );
}

/** Each field alone and with a password, so that strict schemas find a field that they know. */
function bodiesFor({ password, ...tokens }: Record<string, string>): Record<string, unknown>[] {
  return Object.entries(tokens).flatMap(([name, value]) => [{ [name]: value }, { [name]: value, password }]);
}

function withoutVariation({ status, headers, body }: ApiResponse) {
  return { status, body, type: headers.get('content-type'), names: [...headers.keys()].sort() };
}
