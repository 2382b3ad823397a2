import { forTerminal } from './terminal';

const line = (fields: object) =>
  JSON.stringify({ level: 'warn', time: '2026-01-02T03:04:05.000Z', msg: 'slow', ...fields });

it('prints a warning in one line: time, service, level, message, request', () => {
  expect(forTerminal('auth-1', line({ requestId: 'r1' }))).toMatch(/^\d\d:\d\d:\d\d auth-1 WARN slow \(request r1\)$/);
});

it('prints the message of an error, and supports numeric levels', () => {
  const text = forTerminal('auth', line({ level: 50, msg: 'unexpected error', error: { message: 'no such row' } }));
  expect(text).toContain('ERROR unexpected error: no such row');
});

it('ignores lines that are not warnings or not log lines', () => {
  expect(forTerminal('auth', line({ level: 'info' }))).toBeUndefined();
  expect(forTerminal('auth', line({ level: 30 }))).toBeUndefined();
  expect(forTerminal('auth', 'plain text')).toBeUndefined();
  expect(forTerminal('auth', '{"level":')).toBeUndefined();
});
