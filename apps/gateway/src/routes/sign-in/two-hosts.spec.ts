import { freePort } from '#libs/testing';
import type { BrowserContext, Page } from 'playwright-core';
import { z } from 'zod';
import { credentials } from '../../../test/browser';
import { publicUrl, startGateway, type TestGateway } from '../../../test/gateway';
import { startHosts, startLocalPage, type Hosts } from '../../../test/hosts';
import { agreeableAuth } from '../../../test/stub-services';
import { testSessionId } from '../../../test/tokens';

/** Only a real browser shows what a page on another host can read, and which cookies it sends. */
const ourConsole = 'https://console.acme.test';
const sibling = 'https://blog.acme.test';
const otherSite = 'https://evil.test';
const partner = 'https://partner.test';

let gateway: TestGateway;
let hosts: Hosts;
let browser: BrowserContext;
beforeAll(async () => {
  gateway = await startGateway({ variables: { CORS_ORIGINS: `${ourConsole},${partner}` } });
  hosts = await startHosts(gateway, new URL(publicUrl).host);
});
afterAll(() => hosts.stop());
beforeEach(async () => {
  browser = await hosts.visit();
});
afterEach(async () => {
  Object.assign(gateway.auth, agreeableAuth(gateway.tokens));
  await browser.close();
});

interface Call {
  readonly at?: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: object;
}

async function open(origin: string): Promise<Page> {
  const page = await browser.newPage();
  await page.goto(origin);
  return page;
}

/** Returns what the page's script can read of the response. Status 0 means that the browser blocks it. */
function call(page: Page, path: string, { at = publicUrl, method = 'GET', headers = {}, body }: Call = {}) {
  const init = {
    method,
    headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  };
  return page.evaluate(
    async ([url, options]) => {
      try {
        const response = await fetch(url, { ...options, credentials: 'include' });
        const text = await response.text();
        const json: unknown = text === '' ? null : JSON.parse(text);
        return { status: response.status, json };
      } catch {
        return { status: 0, json: null };
      }
    },
    [`${at}/api/v1${path}`, init] as const,
  );
}

const signIn = (page: Page, at = publicUrl) =>
  call(page, '/auth/login', { at, method: 'POST', headers: { 'x-session-mode': 'cookie' }, body: credentials });
const withToken = z.object({ csrfToken: z.string() });
const tokenIn = ({ json }: { json: unknown }) => ({ 'x-csrf-token': withToken.parse(json).csrfToken });
const rename = (page: Page, headers: Record<string, string>, at = publicUrl) =>
  call(page, '/users/me', { at, method: 'PATCH', headers, body: { name: 'Grace' } });

describe('a page of an allowed origin on another host', () => {
  it('signs in with cookies, which it cannot read, and changes something with the CSRF token of the response', async () => {
    const page = await open(ourConsole);
    const signedIn = await signIn(page);
    expect(signedIn.status).toBe(200);
    expect(await page.evaluate('document.cookie')).toBe('');
    expect(await rename(page, tokenIn(signedIn))).toMatchObject({ status: 200, json: { name: 'Grace' } });
    expect(await rename(page, {})).toMatchObject({ status: 403, json: { code: 'csrf_failed' } });
  });

  it('gets the CSRF token again after a reload, and refreshes with it when the access cookie has expired', async () => {
    const page = await open(ourConsole);
    await signIn(page);
    await page.reload();
    await browser.clearCookies({ name: '__Host-access' });
    const token = tokenIn(await call(page, '/auth/csrf-token'));
    const refreshed = await call(page, '/auth/refresh', { method: 'POST', headers: token });
    expect(refreshed.status).toBe(200);
    expect((await rename(page, tokenIn(refreshed))).status).toBe(200);
  });

  it('signs out after the access cookie has expired, so that the session cannot be refreshed, and can repeat it', async () => {
    const page = await open(ourConsole);
    const token = tokenIn(await signIn(page));
    const ended: unknown[] = [];
    gateway.auth.logout = async (named) => (ended.push(named), null);
    await browser.clearCookies({ name: '__Host-access' });
    expect((await call(page, '/auth/logout', { method: 'POST', headers: token })).status).toBe(204);
    expect((await browser.cookies()).map(({ name }) => name)).toEqual(['__Host-device']);
    expect((await call(page, '/auth/logout', { method: 'POST', headers: token })).status).toBe(204);
    expect(ended).toEqual([{ sessionId: testSessionId }]);
  });

  it('can trace its calls and read the headers of the response', async () => {
    const page = await open(ourConsole);
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    expect((await call(page, '/health', { headers: { traceparent, tracestate: 'a=b' } })).status).not.toBe(0);
  });
});

describe('a page of another origin, in the browser of a signed-in user', () => {
  beforeEach(async () => {
    expect((await signIn(await open(ourConsole))).status).toBe(200);
  });

  it.each([sibling, otherSite])('can neither read the CSRF token nor change anything: %s', async (origin) => {
    const page = await open(origin);
    const changes: string[] = [];
    gateway.auth.updateProfile = () => Promise.reject(new Error(String(changes.push('renamed'))));
    expect((await call(page, '/auth/csrf-token')).status).toBe(0);
    expect((await rename(page, { 'x-csrf-token': 'guessed' })).status).toBe(0);
    expect((await signIn(page)).status).toBe(0);
    const before = await browser.cookies();
    gateway.auth.logout = () => Promise.reject(new Error(String(changes.push('signed out'))));
    await call(page, '/auth/logout', { method: 'POST' });
    expect(await browser.cookies()).toEqual(before);
    expect(changes).toEqual([]);
  });
});

it('sends no cookies from a page of another site (SameSite=Lax), even if its origin is allowed', async () => {
  const page = await open(partner);
  expect((await signIn(page)).status).toBe(200);
  expect(await call(page, '/users/me')).toMatchObject({ status: 401 });
  expect(await call(page, '/auth/csrf-token')).toMatchObject({ status: 200, json: { csrfToken: null } });
});

it('supports a development server on another port of http://localhost: cookies and CSRF token work without TLS', async () => {
  const port = await freePort();
  const local = await startGateway({ variables: { CORS_ORIGINS: `http://localhost:${port}` } });
  await local.application.listen(0, '127.0.0.1');
  await startLocalPage(port);
  const page = await open(`http://localhost:${port}`);
  const api = `http://localhost:${local.port()}`;
  const signedIn = await signIn(page, api);
  expect(await page.evaluate('document.cookie')).toBe(`__Host-csrf=${tokenIn(signedIn)['x-csrf-token']}`);
  expect((await rename(page, tokenIn(signedIn), api)).status).toBe(200);
  expect((await rename(page, {}, api)).status).toBe(403);
});
