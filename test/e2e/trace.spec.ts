import { eventually, freePort } from '#libs/testing';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { startReceiver } from '../../libs/observability/src/fixtures/receiver';
import { startSuite } from '../../scripts/local/suite';
import { aPerson, SuiteClient } from './client';

const attribute = z.object({ key: z.string(), value: z.object({ stringValue: z.string().optional() }) });
const span = z.object({ traceId: z.string(), name: z.string() });
const exported = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes: z.array(attribute) }),
      scopeSpans: z.array(z.object({ scope: z.object({ name: z.string() }), spans: z.array(span) })),
    }),
  ),
});

it('one trace leads from the request over RPC and SQL to the job that sends the mail', async () => {
  const collector = await startReceiver();
  const folder = mkdtempSync(join(tmpdir(), 'groundwork-trace-'));
  chmodSync(folder, 0o755);
  const suite = await startSuite({
    folder,
    replicas: 1,
    ports: { PORT: await freePort(), SMTP_PORT: await freePort(), MAIL_UI_PORT: await freePort() },
    disposable: true,
    environment: { OTEL_EXPORTER_OTLP_ENDPOINT: `http://${collector.host}`, OTEL_BSP_SCHEDULE_DELAY: '200' },
  });
  try {
    const client = new SuiteClient({ api: suite.urls.api, mail: suite.urls.mail ?? '', authDatabase: '' });
    const traceId = randomBytes(16).toString('hex');
    const person = aPerson();
    const traceparent = `00-${traceId}-${randomBytes(8).toString('hex')}-01`;
    await client.call('POST', '/auth/register', { body: person, headers: { traceparent } });
    await client.mailTo(person.email, /Confirm/);
    const spansOfTrace = () =>
      collector.requests
        .filter(({ path }) => path === '/v1/traces')
        .flatMap(({ body }) => exported.parse(JSON.parse(body)).resourceSpans)
        .flatMap(({ resource, scopeSpans }) => {
          const service = resource.attributes.find(({ key }) => key === 'service.name')?.value.stringValue ?? '';
          return scopeSpans.flatMap(({ scope, spans }) =>
            spans.map((each) => ({ ...each, service, scope: scope.name })),
          );
        })
        .filter((each) => each.traceId === traceId);
    await eventually(
      () => {
        const spans = spansOfTrace();
        const has = (service: string, pattern: RegExp) =>
          spans.some((each) => each.service.endsWith(service) && pattern.test(`${each.scope} ${each.name}`));
        expect(has('gateway', /POST/)).toBe(true);
        expect(has('auth', /auth\.register/)).toBe(true);
        expect(has('auth', /instrumentation-pg/)).toBe(true);
        expect(has('auth', /registration\.requested/)).toBe(true);
        expect(has('notification', /mail\.requested/)).toBe(true);
        expect(has('notification', /mail\.send/)).toBe(true);
        return true;
      },
      { timeoutMs: 60_000, describe: 'the spans of all services' },
    );
    expect(JSON.stringify(collector.requests)).not.toContain(person.password);
  } finally {
    await suite.stop();
    collector.close();
    rmSync(folder, { recursive: true, force: true });
  }
}, 240_000);
