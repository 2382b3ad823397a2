import { UsageError } from '#libs/command';
import { readBenchOptions } from './options';

describe('the options of npm run bench', () => {
  it('all have defaults', () => {
    expect(readBenchOptions([])).toEqual({
      seconds: 5,
      connections: [1, 16, 64],
      only: ['me', 'login', 'refresh', 'health'],
      json: undefined,
    });
  });

  it('choose what to measure and for how long', () => {
    const args = ['--seconds', '0.5', '--connections', '8,2', '--only', 'login,me', '--json', 'out.json'];
    expect(readBenchOptions(args)).toEqual({
      seconds: 0.5,
      connections: [8, 2],
      only: ['login', 'me'],
      json: 'out.json',
    });
  });

  it.each([
    [['--seconds', '0']],
    [['--seconds', 'long']],
    [['--connections', '1,,2']],
    [['--connections', '1.5']],
    [['--connections', '100000']],
    [['--only', 'everything']],
    [['--onyl', 'me']],
    [['me']],
  ])('are refused with what to type instead if they are invalid: %s', (args) => {
    expect(() => readBenchOptions(args)).toThrow(UsageError);
  });
});
