import {
  anOwner,
  asSuperuser,
  auditHeads,
  nextSecond,
  secondsOf,
  signInStatus,
  untilBackedUp,
  verifyAudit,
} from './data';
import { stack, untilHealthy } from './drill';

beforeAll(() => untilBackedUp('full'));

/** Follows "Go back to a moment" of docs/backup-and-restore.md. */
async function goBackTo(time: string) {
  const stop = await secondsOf(() => stack.compose('stop'));
  const restore = await secondsOf(() =>
    stack.compose(...['run', '--rm', '--no-deps', '--user', 'postgres', 'postgres', 'restore-point-in-time.sh', time]),
  );
  const start = await secondsOf(() => stack.compose('up', '--detach', '--wait'));
  console.log(`Went back to ${time}: ${JSON.stringify({ stop, restore, start })} seconds`);
  await untilHealthy();
}

it('goes back to the second before a table was dropped, and to a later one when that was too early', async () => {
  const early = await anOwner();
  const earlyHeads = await auditHeads();
  const first = await nextSecond();
  const late = await anOwner();
  const lateHeads = await auditHeads();
  const second = await nextSecond();
  await asSuperuser('groundwork_auth', (client) => client.query('DROP TABLE users CASCADE'));
  expect(await signInStatus(early)).toBeGreaterThanOrEqual(500);

  await goBackTo(first);
  expect(await signInStatus(early)).toBe(200);
  expect(await signInStatus(late)).toBe(401);
  await verifyAudit(earlyHeads);
  const between = await anOwner();

  // By now the server is on another timeline, and what is wanted is on the one before.
  await goBackTo(second);
  expect(await signInStatus(early)).toBe(200);
  expect(await signInStatus(late)).toBe(200);
  expect(await signInStatus(between)).toBe(401);
  await verifyAudit(lateHeads);
});
