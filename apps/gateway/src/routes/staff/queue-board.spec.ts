import { Queues } from '#libs/jobs';
import { chromium, type Browser } from 'playwright-core';
import { z } from 'zod';
import { findChromium } from '#libs/testing';
import { chromiumCache } from '#libs/local';
import { bearer, startGateway, type TestRequest, type TestGateway } from '../../../test/gateway';
import { testUserId } from '../../../test/tokens';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
  const queue = gateway.application.get(Queues, { strict: false }).of('billing', 'events');
  await queue.add('session.revoked', { payload: 'waiting-for-billing' }, { jobId: 'a-job' });
});

const ask = async (url: string, claims: object = { roles: ['staff:support'] }, method: TestRequest['method'] = 'GET') =>
  gateway.ask({ method, url, headers: bearer(await gateway.tokens.sign({ ...claims })) });

describe('the dashboard of the queues', () => {
  it('shows every service’s queues and a job to staff', async () => {
    const listed = z
      .object({ queues: z.array(z.object({ name: z.string(), readOnlyMode: z.boolean() })) })
      .parse((await ask('/admin/queues/api/queues')).json).queues;
    expect(listed.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['auth-events', 'billing-events', 'gateway-schedules', 'notification-jobs']),
    );
    expect(listed.every(({ readOnlyMode }) => readOnlyMode)).toBe(true);
    const job = await ask('/admin/queues/api/queues/billing-events/a-job');
    expect(job).toMatchObject({ status: 200, json: { job: { name: 'session.revoked' } } });
  });

  it('denies its page and data to everyone else', async () => {
    const refused: [object, string][] = [
      [{ roles: [] }, 'permission_denied'],
      [{ roles: ['admin'] }, 'permission_denied'],
      [{ roles: ['staff:mfa_required'] }, 'staff_mfa_required'],
      [{ roles: [], act: { sub: testUserId } }, 'permission_denied'],
    ];
    for (const url of [
      '/admin/queues',
      '/admin/queues/',
      '/admin/queues/queue/billing-events',
      '/admin/queues/api/queues',
    ]) {
      expect((await gateway.ask({ method: 'GET', url })).status).toBe(401);
      for (const [claims, code] of refused) expect((await ask(url, claims)).json).toMatchObject({ code });
    }
  });

  it('never changes anything', async () => {
    const admin = { roles: ['staff:admin'] };
    for (const [method, path] of [
      ['PUT', 'api/queues/billing-events/pause'],
      ['PUT', 'api/queues/billing-events/empty'],
      ['PUT', 'api/queues/billing-events/a-job/clean'],
      ['POST', 'api/queues/billing-events/add'],
    ] as const) {
      expect((await ask(`/admin/queues/${path}`, admin, method)).status).toBe(405);
      expect((await ask(`/admin/queues/${path}`, admin)).status).toBe(404);
    }
    expect((await ask('/admin/queues/api/queues/billing-events/a-job', admin)).status).toBe(200);
  });

  it('returns not_found for unknown queues and jobs', async () => {
    for (const path of ['api/none', 'api/queues/none/a-job', 'api/queues/billing-events/none']) {
      expect((await ask(`/admin/queues/${path}`)).status).toBe(404);
    }
  });

  it('serves only the built files of its folder', async () => {
    for (const path of ['static/../index.ejs', 'static/..%2findex.ejs', 'static/..%2f..%2fpackage.json', 'index.ejs']) {
      expect((await ask(`/admin/queues/${path}`)).body).not.toMatch(/<%|"dependencies"/);
    }
    expect((await ask('/admin/queues/static/images/logo.svg')).status).toBe(200);
  });

  it('keeps the policy of pages, except for the base that only this page may use', async () => {
    const policyOf = async (url: string) => String((await ask(url)).headers['content-security-policy']);
    const [board, docs] = [await policyOf('/admin/queues'), await policyOf('/docs')];
    expect(board).toBe(docs.replace("base-uri 'none'", "base-uri 'self'"));
    expect(docs).toContain("base-uri 'none'");
    expect(board).not.toMatch(/unsafe|https:|\*/);
  });
});

describe('in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    await gateway.application.listen(0, '127.0.0.1');
    browser = await chromium.launch({
      ...findChromium(chromiumCache),
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic'],
    });
  });
  afterAll(() => browser.close());

  it('shows a queue and its job, while the policy blocks only a style that is not needed', async () => {
    const address = `http://localhost:${gateway.port()}`;
    const context = await browser.newContext();
    const value = await gateway.tokens.sign({ roles: ['staff:support'] });
    await context.addCookies([
      { name: '__Host-access', value, domain: 'localhost', path: '/', secure: true, httpOnly: true },
    ]);
    const stopped: string[] = [];
    context.on('console', (message) => {
      const text = message.text();
      if (/Content Security Policy|Refused/i.test(text) && !text.startsWith('Applying inline style'))
        stopped.push(text);
    });
    context.on('requestfailed', (request) => stopped.push(request.url()));
    // One page each, because navigating from the first would abort its periodic requests.
    const queue = await context.newPage();
    await queue.goto(`${address}/admin/queues/queue/billing-events`);
    await queue.getByText('session.revoked').first().waitFor();
    const job = await context.newPage();
    await job.goto(`${address}/admin/queues/queue/billing-events/a-job`);
    await job.getByText('waiting-for-billing').first().waitFor();
    expect(stopped).toEqual([]);
  });
});
