import {
  acceptInvitation,
  declineInvitation,
  errorCodes,
  lookAtInvitation,
  registerByInvitation,
} from '#libs/contracts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startGateway, type TestGateway } from '../../../test/gateway';
import { invitationTexts } from './invitation-texts';
import { assetsFolder } from './page-files';
import { pageTexts, sharedTexts, tokenPages } from './texts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});

const open = (url: string, headers: Record<string, string> = {}) => gateway.ask({ method: 'GET', url, headers });

describe('the page of the verification email', () => {
  it.each([
    ['en', 'en-GB', 'Confirm your email address'],
    ['de', 'de-AT,en;q=0.5', 'E-Mail-Adresse bestätigen'],
    ['en', 'xx', 'Confirm your email address'],
  ])('is in %s for %s', async (language, accepted, title) => {
    const page = await open('/verify-email', { 'accept-language': accepted });
    expect(page.status).toBe(200);
    expect(page.headers).toMatchObject({ 'content-type': 'text/html; charset=utf-8', vary: 'Accept-Language' });
    expect(page.body).toContain(`<html lang="${language}">`);
    expect(page.body).toContain(`<h1>${title}</h1>`);
    expect(page.body).not.toContain('{{');
  });

  it('has each text in each language', () => {
    expect(Object.keys(sharedTexts.de)).toEqual(Object.keys(sharedTexts.en));
    const keysOf = (texts: Readonly<Record<string, object>>) =>
      Object.entries(texts).map(([name, words]) => [name, Object.keys(words)]);
    expect(keysOf(pageTexts.de)).toEqual(keysOf(pageTexts.en));
  });

  it('does not use the token when it is opened', async () => {
    let asked = 0;
    gateway.auth.verifyEmail = () => Promise.reject(new Error(`asked ${(asked += 1)} times`));
    await open('/verify-email?token=abc');
    expect(asked).toBe(0);
  });

  it('sends no referrer that could contain the token', async () => {
    expect((await open('/verify-email')).headers['referrer-policy']).toBe('no-referrer');
  });
});

describe('the page of an invitation', () => {
  it.each([
    ['en', 'Invitation', 'Accept'],
    ['de', 'Einladung', 'Annehmen'],
  ])('is in %s', async (language, title, button) => {
    const { status, headers, body } = await open('/invitation', { 'accept-language': language });
    expect(status).toBe(200);
    expect(headers).toMatchObject({ vary: 'Accept-Language', 'referrer-policy': 'no-referrer' });
    expect(body).toContain(`<h1>${title}</h1>`);
    expect(body).toContain(`>${button}</button>`);
    expect(body).not.toContain('{{');
    expect(body).not.toContain('=""');
    expect(Object.keys(invitationTexts.de)).toEqual(Object.keys(invitationTexts.en));
  });

  it('has a text for every error of its requests', async () => {
    const { body } = await open('/invitation');
    const contracts = [lookAtInvitation, acceptInvitation, declineInvitation, registerByInvitation];
    const codes = new Set(contracts.flatMap(({ errors }) => errors));
    expect(codes.size).toBeGreaterThan(5);
    for (const code of codes) expect(body).toContain(`data-${code}=`);
  });

  it('calls no service when it is opened, whatever its URL contains', async () => {
    let asked = 0;
    const count = () => Promise.reject(new Error(`asked ${(asked += 1)} times`));
    Object.assign(gateway.auth, { lookAtInvitation: count, acceptInvitation: count, declineInvitation: count });
    for (const url of ['/invitation', '/invitation?token=abc']) expect((await open(url)).status).toBe(200);
    expect(asked).toBe(0);
  });
});

describe('every page', () => {
  const pages = [...Object.keys(tokenPages).map((name) => `/${name}`), '/invitation', '/docs', '/problems/not_found'];

  it.each(pages)('works with a policy without inline scripts and styles: %s', async (url) => {
    const { headers, body } = await open(url);
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("script-src 'self'");
    expect(policy).toContain("style-src 'self'");
    expect(policy).not.toContain('unsafe');
    expect(body).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=/);
  });

  it.each(pages)('finds every file that it refers to: %s', async (url) => {
    const { body } = await open(url);
    const files = [...body.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map((match) => match[1] ?? '');
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) expect([file, (await open(file)).status]).toEqual([file, 200]);
  });

  it('exists for each error code, as problem details link to it', async () => {
    for (const code of errorCodes) expect([code, (await open(`/problems/${code}`)).status]).toEqual([code, 200]);
    expect((await open('/problems/made_up')).status).toBe(404);
  });
});

describe('the folders of scripts and styles', () => {
  it.each([
    '/assets/',
    '/assets/verify-email.html',
    '/assets/..%2fsrc%2fconfig.ts',
    '/assets/../package.json',
    '/docs/',
    '/docs/index.html',
    '/docs/package.json',
    '/docs/swagger-initializer.js',
    '/docs/%2e%2e/helmet/package.json',
  ])('do not serve %s', async (url) => {
    expect((await open(url)).status).toBe(404);
  });
});

it.each(['token-page.js', 'invitation.js'])(
  '%s removes the token from the address bar before anything else runs',
  (file) => {
    const script = readFileSync(join(assetsFolder, file), 'utf8');
    expect(script.indexOf('history.replaceState')).toBeGreaterThan(0);
    expect(script.indexOf('history.replaceState')).toBeLessThan(script.indexOf('fetch('));
  },
);
