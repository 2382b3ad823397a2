import { styleText } from 'node:util';
import { checks, jestStep } from './checks';
import { alignedTable } from '#libs/command';
import { inLanes, type Outcome } from './steps';

/** Runs every check, or with arguments only the tests that match them. The last line is "N passed, N failed". */
export async function runChecks(args: readonly string[]): Promise<void> {
  const startedAt = Date.now();
  const report = (outcome: Outcome) => {
    const mark = outcome.failed === 0 ? styleText('green', '✓') : styleText('red', '✗');
    console.log(`${mark} ${outcome.name} (${seconds(outcome.tookMs)})`);
    if (outcome.failed > 0 && outcome.output !== '') console.log(outcome.output);
  };
  const outcomes = await inLanes([...(args.length > 0 ? [] : [checks]), [jestStep(args)]], report);

  const rows = outcomes.map(({ name, failed, tookMs }) => [name, failed === 0 ? 'passed' : 'failed', seconds(tookMs)]);
  console.log(`\n${alignedTable([...rows, ['total', '', seconds(Date.now() - startedAt)]], [2])}\n`);
  const passed = sum(outcomes.map((outcome) => outcome.passed));
  const failed = sum(outcomes.map((outcome) => outcome.failed));
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed === 0 && passed > 0 ? 0 : 1);
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
