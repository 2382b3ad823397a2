import { countTests } from './checks';

const result = (numbers: Record<string, number> = {}) => ({
  numPassedTests: 5,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  numRuntimeErrorTestSuites: 0,
  ...numbers,
});

describe('the count of tests', () => {
  it("matches jest's count", () => {
    expect(countTests(result({ numFailedTests: 2 }), 1, false)).toEqual({ passed: 5, failed: 2 });
    expect(countTests(result(), 0, false)).toEqual({ passed: 5, failed: 0 });
  });

  it.each([
    ['a test file that cannot be loaded', result({ numRuntimeErrorTestSuites: 1 }), 1],
    ['a skipped test', result({ numPendingTests: 1 }), 0],
    ['a test that is still to be written', result({ numTodoTests: 1 }), 0],
    ['jest failing for another reason', result(), 1],
  ])('counts %s as a failure', (_name, counted, exitCode) => {
    expect(countTests(counted, exitCode, false)).toEqual({ passed: 5, failed: 1 });
  });

  it('ignores tests that were not selected', () => {
    expect(countTests(result({ numPendingTests: 40 }), 0, true)).toEqual({ passed: 5, failed: 0 });
  });

  it('is one failure without any test or result', () => {
    expect(countTests(result({ numPassedTests: 0 }), 0, true)).toEqual({ passed: 0, failed: 1 });
    expect(countTests(undefined, 0, false)).toEqual({ passed: 0, failed: 1 });
  });
});
