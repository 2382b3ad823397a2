import { eventually } from '#libs/testing';
import { join } from 'node:path';
import { z } from 'zod';
import { docker } from '../../tools/containers/engine';
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
  const start = await secondsOf(() => stack.up());
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

const tick = z.tuple([z.object({ number: z.coerce.number(), at: z.date() })]);
const newest = z.object({ number: z.coerce.number(), at: z.coerce.date() });

/** Commits a row every few milliseconds until the server ends, and returns the last confirmed one. */
function commitsUntilTheEnd() {
  let last = { number: 0, at: new Date(0) };
  const ended = asSuperuser('postgres', async (client) => {
    await client.query(
      'CREATE TABLE drill_ticks (number bigserial, at timestamptz NOT NULL DEFAULT clock_timestamp())',
    );
    for (;;) {
      const { rows } = await client.query('INSERT INTO drill_ticks DEFAULT VALUES RETURNING number, at');
      [last] = tick.parse(rows);
    }
  }).catch(() => last);
  return { ended, last: () => last };
}

/** Restores the archive on another, empty server, as after the loss of the host, and returns its newest row. */
async function newestInTheArchive(): Promise<z.output<typeof newest>> {
  const name = `${stack.settings.variables['COMPOSE_PROJECT_NAME']}-other-host`;
  const conf = `${join(stack.settings.folder, 'secrets', 'pgbackrest_conf')}:/run/secrets/pgbackrest_conf:ro`;
  const repository = `${stack.settings.variables['COMPOSE_PROJECT_NAME']}_pgbackrest:/var/lib/pgbackrest`;
  const command = 'restore-point-in-time.sh latest && exec postgres -c archive_mode=off -c hot_standby=off';
  const mounts = ['--volume', conf, '--volume', repository, '--env', 'PGBACKREST_CONFIG=/run/secrets/pgbackrest_conf'];
  const options = ['--detach', '--init', '--user', 'postgres', '--name', name, ...mounts];
  await docker(['run', ...options, 'groundwork-postgres:17', 'sh', '-c', command], stack.env);
  try {
    const sql = "SELECT json_build_object('number', max(number), 'at', max(at)) FROM drill_ticks";
    const read = () => docker(['exec', name, 'psql', '-U', 'postgres', '-Atc', sql], stack.env);
    const row = await eventually(read, { timeoutMs: 300_000, describe: 'the restored server to answer' });
    return newest.parse(JSON.parse(row));
  } finally {
    await docker(['rm', '--force', '--volumes', name], stack.env);
  }
}

/** Kills the server. The engine starts it again unless its restart policy says otherwise. */
async function killServer(container: string): Promise<void> {
  process.kill(Number(await stack.inspect(container, '{{.State.Pid}}')), 'SIGKILL');
  await eventually(async () => (await stack.inspect(container, '{{.State.FinishedAt}}')) > startOfDrills);
}
const startOfDrills = new Date().toISOString();

it('loses less than a minute of commits with the host, and none when only the server is killed', async () => {
  const [container = ''] = await stack.containers('postgres');
  // After a recovery, PostgreSQL by itself would close no segment in time for five minutes.
  await killServer(container);
  await untilHealthy();
  const commits = commitsUntilTheEnd();
  // Two segments are closed by time alone in this while.
  await eventually(() => commits.last().number > 0 && commits.last().at.getTime() > Date.now() - 1_000);
  const startedAt = commits.last().at.getTime();
  await eventually(() => commits.last().at.getTime() - startedAt > 75_000, { timeoutMs: 120_000 });
  await docker(['update', '--restart', 'no', container], stack.env);
  await killServer(container);
  const last = await commits.ended;
  const archived = await newestInTheArchive();
  const lostSeconds = (last.at.getTime() - archived.at.getTime()) / 1_000;
  console.log(
    `Of ${last.number} commits, the archive lacks the last ${last.number - archived.number}: ${lostSeconds} s`,
  );
  expect(lostSeconds).toBeLessThan(60);

  await docker(['update', '--restart', 'unless-stopped', container], stack.env);
  await stack.compose('start', 'postgres');
  await untilHealthy();
  const kept = await asSuperuser('postgres', async (client) => {
    const { rows } = await client.query('SELECT max(number) AS number, max(at) AS at FROM drill_ticks');
    await client.query('DROP TABLE drill_ticks');
    return tick.parse(rows)[0].number;
  });
  expect(kept).toBeGreaterThanOrEqual(last.number);
});
