import { eventually } from '#libs/testing';
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { newUser } from './client';
import { collectorUrl, suite } from './suite';

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
const received = z.array(z.object({ path: z.string(), body: z.string() }));

async function collected() {
  return received.parse(await (await fetch(collectorUrl)).json());
}

/** Returns each span as "service scope name". */
async function spansOf(traceId: string): Promise<string[]> {
  return (await collected())
    .filter(({ path }) => path === '/v1/traces')
    .flatMap(({ body }) => exported.parse(JSON.parse(body)).resourceSpans)
    .flatMap(({ resource, scopeSpans }) => {
      const service = resource.attributes.find(({ key }) => key === 'service.name')?.value.stringValue ?? '';
      return scopeSpans.flatMap(({ scope, spans }) =>
        spans.filter((each) => each.traceId === traceId).map(({ name }) => `${service} ${scope.name} ${name}`),
      );
    });
}

it('traces a request over RPC and SQL to the job that sends the email', async () => {
  const traceId = randomBytes(16).toString('hex');
  const user = newUser();
  const traceparent = `00-${traceId}-${randomBytes(8).toString('hex')}-01`;
  await suite.call('POST', '/auth/register', { body: user, headers: { traceparent } });
  await suite.mailTo(user.email, /Confirm/);
  const steps = [
    /^\S*gateway .*POST/,
    /^\S*auth .*auth\.register/,
    /^\S*auth .*instrumentation-pg/,
    /^\S*auth .*registration\.requested/,
    /^\S*notification .*mail\.requested/,
    /^\S*notification .*mail\.send/,
  ];
  await eventually(
    async () => {
      const spans = await spansOf(traceId);
      for (const step of steps) expect(spans).toContainEqual(expect.stringMatching(step));
      return true;
    },
    { timeoutMs: 60_000, describe: 'the spans of all services' },
  );
  expect(JSON.stringify(await collected())).not.toContain(user.password);
});
