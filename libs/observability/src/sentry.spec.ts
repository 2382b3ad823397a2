import { startReceiver, type Receiver } from '#libs/testing';
import { run, type Run } from './fixtures/run';
import { secrets } from './fixtures/secrets';

describe('Sentry', () => {
  let sentry: Receiver;
  let reported: Run;

  beforeAll(async () => {
    sentry = await startReceiver();
    reported = await run('secrets', {
      sentryDsn: `http://key@${sentry.host}/1`,
      environment: 'staging',
      release: '1.2.3',
    });
  });
  afterAll(() => sentry.close());

  const events = () => sentry.requests.map(({ body }) => JSON.parse(body.split('\n')[2] ?? '{}'));

  it('receives each reported error with the id from the log', () => {
    const logged = reported.lines.flatMap(({ errorId }) => (errorId === undefined ? [] : [errorId]));
    expect(logged).toHaveLength(3);
    expect(events().map(({ tags }) => tags.errorId)).toEqual(logged);
    expect(events().map(({ event_id }) => event_id)).toEqual(logged.map((id) => String(id).replaceAll('-', '')));
  });

  it('receives the service, environment, release, stack and cause', () => {
    const [event] = events();
    expect(event).toMatchObject({
      environment: 'staging',
      release: '1.2.3',
      level: 'error',
      tags: { service: 'auth' },
    });
    const [cause, error] = event.exception.values;
    expect(error.value).toContain('cannot connect to postgres://[redacted]@db.internal');
    expect(error.stacktrace.frames.at(-1)).toMatchObject({ function: 'plantedError', lineno: expect.any(Number) });
    expect(cause.value).toBe('invalid input syntax for type uuid: […]');
  });

  it('receives no password, token, cookie, email address, statement parameter or email body', () => {
    const text = JSON.stringify(sentry.requests);
    for (const [name, secret] of Object.entries(secrets)) expect(text.includes(secret) ? name : 'none').toBe('none');
    expect(text).not.toMatch(/c00kievalue|an0ther|ada\.lovelace/);
  });

  it('receives no request, user, breadcrumb or local variable', () => {
    for (const event of events()) {
      for (const part of ['request', 'user', 'breadcrumbs', 'modules']) expect(event).not.toHaveProperty(part);
      expect(JSON.stringify(event)).not.toContain('"vars"');
    }
  });

  it('receives the error that ends the process before it ends', async () => {
    const before = sentry.requests.length;
    const { exitCode, lines } = await run('reject', { sentryDsn: `http://key@${sentry.host}/1` });
    expect(exitCode).toBe(1);
    expect(sentry.requests).toHaveLength(before + 1);
    expect(events().at(-1)).toMatchObject({ level: 'fatal', tags: { errorId: lines[0]?.['errorId'] } });
  });

  it('delays neither the log nor the end of the process beyond its limit while it is down', async () => {
    const { exitCode, lines } = await run('reject', { sentryDsn: 'http://key@127.0.0.1:1/1' });
    expect(exitCode).toBe(1);
    expect(lines).toHaveLength(1);
  });
});
