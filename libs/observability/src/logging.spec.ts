import { run, type Line } from './fixtures/run';
import { secrets } from './fixtures/secrets';
import { logger } from './logger';

describe('logging', () => {
  let ordinary: readonly Line[];
  let planted: readonly Line[];

  beforeAll(async () => {
    [{ lines: ordinary }, { lines: planted }] = await Promise.all([run('lines', { release: '1.2.3' }), run('secrets')]);
  });

  it('writes JSON lines with the service, its version, the level and the time', () => {
    expect(ordinary).toHaveLength(6);
    for (const line of ordinary) {
      expect(line).toMatchObject({
        service: 'auth',
        version: '1.2.3',
        level: expect.any(String),
        msg: expect.any(String),
      });
      expect(new Date(String(line['time'])).toISOString()).toBe(line['time']);
    }
  });

  it('puts the request id of the client into every line', () => {
    for (const line of ordinary) expect(line['requestId']).toBe('the-id-of-the-client');
  });

  it('writes one line each for a request, an RPC and a job, with outcome and duration', () => {
    const [http, rpc, job] = ordinary;
    expect(http).toMatchObject({ method: 'GET', route: '/users/:id', status: 200, durationMs: 1.2, ip: '192.0.2.1' });
    expect(rpc).toMatchObject({ contract: 'auth.login', outcome: 'ok', durationMs: 2 });
    expect(job).toMatchObject({ job: 'user.registered', outcome: 'done', durationMs: 3, attempt: 1 });
  });

  it('never logs a password, token, cookie, email address, statement parameter or email body', () => {
    expect(planted.length).toBeGreaterThanOrEqual(12);
    const text = JSON.stringify(planted);
    for (const [name, secret] of Object.entries(secrets)) expect(text.includes(secret) ? name : 'none').toBe('none');
    expect(text).not.toMatch(/c00kievalue|an0ther|ada\.lovelace/);
  });

  it('keeps the parts of an error that help to find its cause', () => {
    const reported = planted.find((line) => 'errorId' in line);
    expect(reported).toMatchObject({
      level: 'error',
      error: {
        type: 'Error',
        code: '23505',
        stack: expect.stringMatching(/^at plantedError .*secrets/),
        message: expect.stringContaining('cannot connect to postgres://[redacted]@db.internal:5432/auth'),
        cause: { code: '22P02', message: 'invalid input syntax for type uuid: […]' },
      },
    });
  });

  it('writes nothing below the level', async () => {
    const { lines } = await run('lines', { logLevel: 'error' });
    expect(lines.map(({ msg }) => msg)).toEqual(['unexpected error']);
  });

  it('writes only warnings and errors before logging is started', () => {
    expect(logger().level).toBe('warn');
  });
});
