import { forTerminal } from './terminal';

const line = (fields: object) =>
  JSON.stringify({ level: 'warn', time: '2026-01-02T03:04:05.000Z', msg: 'slow', ...fields });

it('a warning becomes one line: time, service, level, message, request', () => {
  expect(forTerminal('auth-1', line({ requestId: 'r1' }))).toMatch(/^\d\d:\d\d:\d\d auth-1 WARN slow \(request r1\)$/);
});

it('an error tells its message too, numbers for levels are understood', () => {
  const text = forTerminal('auth', line({ level: 50, msg: 'unexpected error', error: { message: 'no such row' } }));
  expect(text).toContain('ERROR unexpected error: no such row');
});

it('what is not a warning, or not a log line, is for the log alone', () => {
  expect(forTerminal('auth', line({ level: 'info' }))).toBeUndefined();
  expect(forTerminal('auth', line({ level: 30 }))).toBeUndefined();
  expect(forTerminal('auth', 'plain text')).toBeUndefined();
  expect(forTerminal('auth', '{"level":')).toBeUndefined();
});
