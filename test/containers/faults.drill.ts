import { randomBytes } from 'node:crypto';
import { eventually } from '#libs/testing';
import { suite } from '../e2e/suite';
import { numberOf, stack, underLoad } from './drill';

/** The goal for every recovery without hands. */
const recoveryMs = 30_000;

const isHealthy = async () => (await suite.call('GET', '/health')).status === 200;
const recovered = () => eventually(isHealthy, { timeoutMs: 120_000, describe: 'all services to be healthy' });

/** Kills the first process of a container, as a crash does. `docker kill` would also keep the engine from restarting it. */
async function crash(service: string): Promise<void> {
  const [container = ''] = await stack.containers(service);
  const state = () => stack.inspect(container, '{{.State.Pid}} {{.State.Running}}');
  const before = await state();
  process.kill(Number.parseInt(before, 10), 'SIGKILL');
  const isRestarted = async () => {
    const now = await state();
    return now !== before && now.endsWith(' true');
  };
  await eventually(isRestarted, { timeoutMs: recoveryMs, describe: `${service} to be restarted` }).catch(
    async (error: unknown) => {
      throw new Error(await stack.inspect(container, '{{json .State}}'), { cause: error });
    },
  );
}

/** Kills a service's container and waits until the engine has restarted it and all is well again. */
async function crashUnderLoad(service: string) {
  const drilled = await underLoad(`${service} killed`, async () => {
    await crash(service);
    await recovered();
  });
  // An unconfirmed write may or may not have happened; a confirmed one must be there.
  expect(numberOf(drilled.name.stored)).toBeGreaterThanOrEqual(numberOf(drilled.name.acknowledged));
  expect(numberOf(drilled.name.acknowledged)).toBeGreaterThan(0);
  return drilled;
}

beforeEach(recovered);

it.each(['billing', 'notification'])(
  'loses no request and nothing confirmed when a container of %s is killed under load',
  async (service) => {
    const { report } = await crashUnderLoad(service);
    expect(report.failed).toEqual({});
  },
);

it.each(['gateway', 'auth'])(
  'fails only requests that a killed container of %s was serving, and loses nothing confirmed',
  async (service) => {
    const { report } = await crashUnderLoad(service);
    const failures = Object.values(report.failed).reduce((sum, count) => sum + count, 0);
    // Four clients have one request each. What was not taken yet goes to another replica.
    expect(failures).toBeLessThanOrEqual(4);
  },
);

it.each(['postgres', 'redis', 'traefik'])(
  'recovers by itself when the container of %s is killed under load, and loses nothing confirmed',
  async (service) => {
    const { report } = await crashUnderLoad(service);
    expect(report.longestStallMs).toBeLessThan(recoveryMs);
  },
);

it('sends every email of a sign-up that was confirmed, when notification is killed in between', async () => {
  const signUps = Array.from({ length: 20 }, async (_, index) => {
    const email = `grace.${Date.now()}.${index}@example.com`;
    const body = { email, password: `correct horse battery ${index}`, name: 'Grace Hopper' };
    return { email, status: (await suite.call('POST', '/auth/register', { body })).status };
  });
  const [answered] = await Promise.all([Promise.all(signUps), crash('notification')]);
  const confirmed = answered.filter(({ status }) => status < 300);
  console.log(`Of ${answered.length} sign-ups, ${confirmed.length} were confirmed`);
  expect(confirmed.length).toBeGreaterThan(0);
  for (const { email } of confirmed) await suite.mailTo(email, /Confirm/);
});

it('keeps every replica running while PostgreSQL hangs for half a minute, and answers with problems meanwhile', async () => {
  const member = await suite.aMember();
  const services = ['gateway', 'auth', 'billing', 'notification'];
  const before = await restartsOf(services);
  await stack.compose('pause', 'postgres');
  const endsAt = Date.now() + 30_000;
  try {
    while (Date.now() < endsAt) {
      const response = await suite.call('POST', '/auth/login', {
        body: { email: member.email, password: member.password },
      });
      expect(response).toMatchObject({ status: 503, body: { code: 'service_unavailable' } });
    }
  } finally {
    await stack.compose('unpause', 'postgres');
  }
  await eventually(async () => (await suite.signIn(member)).user.email === member.email, { timeoutMs: recoveryMs });
  expect(await restartsOf(services)).toEqual(before);
});

async function restartsOf(services: readonly string[]): Promise<string[]> {
  const ids = (await Promise.all(services.map((service) => stack.containers(service)))).flat();
  return Promise.all(ids.map((id) => stack.inspect(id, '{{.Id}} {{.RestartCount}}')));
}

it('starts without PostgreSQL and Redis, says so, and works when they come', async () => {
  const services = ['gateway', 'auth', 'billing', 'notification'];
  await stack.compose('stop', 'postgres', 'redis');
  await stack.compose('restart', '--no-deps', ...services);
  await eventually(
    async () => (await stack.compose('logs', '--since', '60s', 'auth')).includes('waiting for the schema'),
    {
      timeoutMs: 60_000,
    },
  );
  await stack.compose('start', 'postgres', 'redis');
  await recovered();
});

/** Starts one container of a service with changed settings, and returns what it said. */
async function saysAtStart(service: string, variables: Readonly<Record<string, string>>, seconds = 15) {
  const settings = Object.entries(variables).flatMap(([name, value]) => ['--env', `${name}=${value}`]);
  const args = ['--foreground', String(seconds), 'docker', 'compose', 'run', '--rm', '--no-deps', ...settings, service];
  return stack.run('timeout', args);
}

it.each([
  ['gateway', { CSRF_SECRET_FILE: '', CSRF_SECRET: 'change-me' }, 'CSRF_SECRET is not valid.'],
  ['gateway', { CSRF_SECRET_FILE: '/run/secrets/absent' }, 'CSRF_SECRET_FILE'],
  ['auth', { FIELD_ENCRYPTION_KEY_FILE: '' }, 'FIELD_ENCRYPTION_KEY'],
])(
  'refuses to start %s with a missing or placeholder secret (%j), and names it',
  async (service, variables, sentence) => {
    const { code, output } = await saysAtStart(service, variables);
    expect(code).toBe(1);
    expect(output).toContain(sentence);
  },
);

it('takes no work with a wrong database password, and says why', async () => {
  const password = randomBytes(24).toString('hex');
  const url = `postgres://groundwork_billing:${password}@postgres:5432/groundwork_billing`;
  const { output } = await saysAtStart('billing', { DATABASE_URL_FILE: '', DATABASE_URL: url });
  expect(output).toContain('password authentication failed for user');
  expect(output).not.toContain(password);
});
