import { run } from './fixtures/run';

describe('a crash', () => {
  it('logs an uncaught exception with an error id and exits with 1', async () => {
    const { lines, exitCode, stderr } = await run('throw');
    expect(exitCode).toBe(1);
    expect(stderr).toBe('');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({
      level: 'fatal',
      msg: 'uncaught exception',
      errorId: expect.stringMatching(/^[\da-f-]{36}$/),
    });
  });

  it('logs an unhandled rejection and exits with 1, whatever else is running', async () => {
    const { lines, exitCode } = await run('reject');
    expect(exitCode).toBe(1);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({
      level: 'fatal',
      msg: 'unhandled rejection',
      error: { type: 'Error', message: 'nobody waits for this' },
    });
  });

  it('logs other errors in the meantime and still ends the process', async () => {
    const { lines, exitCode } = await run('throw twice');
    expect(exitCode).toBe(1);
    expect(lines.map(({ level }) => level)).toEqual(['fatal', 'fatal']);
  });
});
