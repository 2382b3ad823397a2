import { docker } from '../../tools/containers/engine';
import { suite } from '../e2e/suite';
import { stack, underLoad } from './drill';

/** On a busy machine, each of the seven replacements of a deployment that goes back takes a minute or more. */
jest.setTimeout(1_800_000);

const services = ['gateway', 'auth', 'billing', 'notification'];
const built = [...services, 'operator'];

/** Gives the images of a version another name, one of them changed. */
async function makeVersion(version: string, from: string, changed: string, dockerfile: string): Promise<void> {
  for (const name of built) await docker(['tag', `groundwork-${name}:${from}`, `groundwork-${name}:${version}`]);
  const { code, output } = await stack.run('sh', ['-c', `printf '%b' "$DOCKERFILE" | docker build -t "$IMAGE" -`], {
    IMAGE: `groundwork-${changed}:${version}`,
    DOCKERFILE: [`FROM groundwork-${changed}:${from}`, dockerfile].join('\\n'),
  });
  if (code !== 0) throw new Error(output);
}

const imagesOf = async () => {
  const rows = await stack.compose('ps', '--format', '{{.Service}} {{.Image}} {{.Health}}', ...services);
  return rows.split('\n').toSorted();
};

const running = (version: string) =>
  services
    .flatMap((name) => Array<string>(name === 'gateway' || name === 'auth' ? 2 : 1).fill(name))
    .map((name) => `${name} groundwork-${name}:${version} healthy`)
    .toSorted();

/** A migration that ends half-way: it has created a table when it fails. */
const failingMigration = String.raw`USER root
RUN echo 'exports.HalfDone1999000000000 = class HalfDone1999000000000 { async up(q) { await q.query("CREATE TABLE half_done (id int)"); await q.query("SELECT 1 / 0"); } async down() {} };' > dist/apps/auth/src/migrations/1999000000000-half-done.js
USER 1000`.replaceAll('\n', '\\n');

it('replaces every service under load without a failed request', async () => {
  const { report } = await underLoad('rolling deployment', async () => {
    const { code, output } = await stack.run('scripts/deploy.sh', ['drill-2']);
    expect(code).toBe(0);
    expect(output).toContain('drill-2 is running');
  });
  expect(report.failed).toEqual({});
  expect(report.requests).toBeGreaterThan(1_000);
  expect(await imagesOf()).toEqual(running('drill-2'));
});

it.each(['billing', 'auth', 'gateway'])(
  'keeps the old version when the new %s does not start, without a failed request',
  async (broken) => {
    await makeVersion('drill-broken', 'drill-2', broken, 'CMD ["node", "-e", "process.exit(3)"]');
    const { report } = await underLoad(`deployment of a broken ${broken}`, async () => {
      const { code, output } = await stack.run('scripts/deploy.sh', ['drill-broken', '--no-build']);
      expect(code).toBe(1);
      expect(output).toContain('The deployment of drill-broken failed. drill-2 is running.');
    });
    expect(report.failed).toEqual({});
    expect(await imagesOf()).toEqual(running('drill-2'));
  },
);

it('replaces nothing when a migration fails half-way, and leaves no half of it', async () => {
  await makeVersion('drill-halfway', 'drill-2', 'operator', failingMigration);
  const { report } = await underLoad('deployment with a failing migration', async () => {
    const { code, output } = await stack.run('scripts/deploy.sh', ['drill-halfway', '--no-build']);
    expect(code).toBe(1);
    expect(output).toContain('drill-2 keeps running');
  });
  expect(report.failed).toEqual({});
  expect(await imagesOf()).toEqual(running('drill-2'));
  expect(await suite.inAuthDatabase("SELECT 1 FROM pg_class WHERE relname = 'half_done'", [])).toBe(0);
});

it('refuses a second deployment while one is running, and a version that is no tag', async () => {
  const { code, output } = await stack.run('flock', ['.deploy.lock', 'scripts/deploy.sh', 'drill-3', '--no-build']);
  expect(code).toBe(1);
  expect(output).toContain('Another deployment is running');
  expect(await stack.run('scripts/deploy.sh', ['; rm -rf'])).toMatchObject({ code: 2 });
});

it('runs the migrations once when two containers start at the same time', async () => {
  const runs = Array.from({ length: 4 }, () => stack.run('docker', ['compose', 'run', '--rm', '--no-deps', 'migrate']));
  expect((await Promise.all(runs)).map(({ code }) => code)).toEqual([0, 0, 0, 0]);
});
