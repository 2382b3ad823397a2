import { getPriority } from 'node:os';
import { inLanes } from './steps';

const askPriority = "process.exit(require('node:os').getPriority() === Number(process.argv[1]) ? 0 : 1)";
const step = (inBackground: boolean, priority: number) => ({
  name: `priority ${priority}`,
  args: ['-e', askPriority, String(priority)],
  inBackground,
  limitMs: 60_000,
});

it('runs a background step with the lowest priority, and another step with the priority of its parent', async () => {
  const outcomes = await inLanes([[step(true, 19), step(false, getPriority())]], () => undefined);
  expect(outcomes.map(({ failed }) => failed)).toEqual([0, 0]);
});
