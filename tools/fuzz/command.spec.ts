import fc from 'fast-check';
import { UsageError } from '#libs/command';
import { readFuzzOptions, shown } from './command';
import { choose, randomJson, randomText, seedOf } from './random';

describe('the options of npm run fuzz', () => {
  it('have defaults, and a new seed each time', () => {
    const [first, second] = [readFuzzOptions([]), readFuzzOptions([])];
    expect(first).toMatchObject({ only: '', keep: false, amounts: { random: 10, shared: 3 } });
    expect(first?.seed).not.toBe(second?.seed);
  });

  it('choose the seed, the routes and the amounts', () => {
    const args = ['--seed', '42', '--only', 'audit', '--known', '2', '--random', '0', '--keep'];
    const amounts = { known: 2, random: 0, shared: 2 };
    expect(readFuzzOptions(args)).toEqual({ seed: 42, only: 'audit', keep: true, amounts });
  });

  it('include help', () => {
    expect(readFuzzOptions(['--help'])).toBeUndefined();
  });

  it.each([[['--seed', 'x']], [['--seed', '-1']], [['--random', '1.5']], [['--sed', '1']], [['audit']]])(
    'are refused if they are invalid: %s',
    (args) => {
      expect(() => readFuzzOptions(args)).toThrow(UsageError);
    },
  );
});

it('shows a value in printable characters, cut to a line', () => {
  expect(shown('a\0\xff')).toBe(String.raw`"a\u0000\u00ff"`);
  expect(shown('a'.repeat(60_000))).toMatch(/^"a{79}… \(60002 characters\)$/);
});

it('sends the same values for the same seed, and others for another', () => {
  const made = (seed: number) => [
    choose([...'abcdefghij'], 5, seedOf(seed, 'a')),
    fc.sample(randomText('valid'), { seed, numRuns: 20 }),
    fc.sample(randomJson('valid'), { seed, numRuns: 20 }),
  ];
  expect(made(7)).toEqual(made(7));
  expect(made(7)).not.toEqual(made(8));
});
