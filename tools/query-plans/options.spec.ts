import { UsageError } from '#libs/command';
import { readDataOptions } from './options';
import { fullScale } from './scale';

describe('the options of npm run bench:data', () => {
  it('load the full scale by default', () => {
    expect(readDataOptions([])).toEqual({ scale: fullScale, samples: 200, json: undefined });
  });

  it('load less, in total or of one kind', () => {
    const args = ['--scale', '0.1', '--users', '50000', '--samples', '20', '--json', 'data.json'];
    const scale = { users: 50_000, organizations: 10_000, auditRows: 500_000 };
    expect(readDataOptions(args)).toEqual({ scale, samples: 20, json: 'data.json' });
  });

  it('include help', () => expect(readDataOptions(['--help'])).toBeUndefined());

  it.each([
    [['--scale', '0']],
    [['--scale', 'all']],
    [['--users', '10']],
    [['--users', '1e99']],
    [['--samples', '1.5']],
    [['--audit-rows', '100000']],
    [['--sacle', '1']],
    [['more']],
  ])('are refused with what to type instead if they are invalid: %s', (args) => {
    expect(() => readDataOptions(args)).toThrow(UsageError);
  });
});
