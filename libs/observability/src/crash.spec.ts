import { run } from './fixtures/run';

describe('a crash', () => {
  test('an uncaught exception is logged with an error id and ends the process with 1', async () => {
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

  test('an unhandled rejection is logged and ends the process with 1, whatever else is running', async () => {
    const { lines, exitCode } = await run('reject');
    expect(exitCode).toBe(1);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({
      level: 'fatal',
      msg: 'unhandled rejection',
      error: { type: 'Error', message: 'nobody waits for this' },
    });
  });

  test('what else breaks meanwhile is logged too, and the process still ends', async () => {
    const { lines, exitCode } = await run('throw twice');
    expect(exitCode).toBe(1);
    expect(lines.map(({ level }) => level)).toEqual(['fatal', 'fatal']);
  });
});
