import { globSync, readFileSync } from 'node:fs';
import { exitCodeOf } from '#libs/command';
import { root } from '#libs/local';
import { sandbox, secondsOf } from './command';
import { startStripeSandbox } from '.';

const lines: string[] = [];
beforeEach(() => {
  lines.length = 0;
  for (const kind of ['log', 'error'] as const) {
    jest.spyOn(console, kind).mockImplementation((...said: unknown[]) => void lines.push(said.join(' ')));
  }
});
afterEach(() => jest.restoreAllMocks());

describe('npm run sandbox', () => {
  it('advances a test clock, and lists it', async () => {
    const running = await startStripeSandbox({ port: 0, clock: 'clock_local' });
    const [before] = await running.control.clocks();
    await sandbox(['advance', '30d', '--url', running.url], {});
    const [after] = await running.control.clocks();
    expect((after?.now ?? 0) - (before?.now ?? 0)).toBe(30 * 86_400);
    await sandbox(['list', '--url', running.url], {});
    expect(lines).toEqual([
      expect.stringContaining('clock_local is ready at'),
      expect.stringContaining('clock_local  ready'),
    ]);
    await running.close();
  });

  it('says how to start the sandbox when none answers', async () => {
    const running = await startStripeSandbox({ port: 0 });
    await running.close();
    expect(await exitCodeOf(sandbox, ['advance', '1d', '--url', running.url], {})).toBe(1);
    expect(lines.join()).toContain('Start it: npm run sandbox -- start');
  });

  it('shows its help with examples', async () => {
    await sandbox(['--help'], {});
    expect(lines.join()).toContain('npm run sandbox -- advance 30d');
  });

  it.each(['', '30', 'd', '-1d', '0d', '1w'])("refuses the time '%s'", (span) => {
    expect(() => secondsOf(span)).toThrow('is no time');
  });
});

it('keeps the sandbox out of what images hold', () => {
  const files = globSync('{apps,libs}/**/*.ts', { cwd: root }).filter(
    (file) => !/\.spec\.ts$|\/test\/|^libs\/testing\//.test(file),
  );
  expect(files.length).toBeGreaterThan(300);
  expect(files.filter((file) => readFileSync(`${root}/${file}`, 'utf8').includes('stripe-sandbox'))).toEqual([]);
  expect(readFileSync(`${root}/tools/image/trace.ts`, 'utf8')).toContain('|sandbox|');
});
