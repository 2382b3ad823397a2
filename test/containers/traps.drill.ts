import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { stack, untilHealthy } from './drill';

const services = ['gateway', 'auth', 'billing', 'notification'];

/** Everything in the files of secrets that is long enough to be one. */
function secretValues(): string[] {
  const names = readdirSync(join(stack.settings.folder, 'secrets'));
  return [...new Set(names.flatMap((name) => stack.secret(name).match(/[\w-]{24,}=?/g) ?? []))];
}

/** All that somebody sees who can read the engine or the process list, but no file of secrets. */
async function everythingVisible(id: string): Promise<string> {
  const image = await stack.inspect(id, '{{.Image}}');
  const looks = [
    ['inspect', id],
    ['history', '--no-trunc', image],
    ['top', id, '-eo', 'args'],
    ['logs', id],
    ['exec', id, 'cat', '/proc/1/environ'],
  ];
  const seen = await Promise.all(looks.map((look) => stack.run('docker', look)));
  return seen.map(({ output }) => output).join('\n');
}

it('shows no secret in the engine, the images, the process list, the logs, or the environment', async () => {
  const secrets = secretValues();
  expect(secrets.length).toBeGreaterThanOrEqual(12);
  const ids = (await stack.compose('ps', '--all', '--quiet')).split('\n');
  for (const id of ids) {
    const visible = await everythingVisible(id);
    expect(visible.length).toBeGreaterThan(1_000);
    const name = await stack.inspect(id, '{{.Name}}');
    expect({ name, shown: secrets.filter((secret) => visible.includes(secret)).length }).toEqual({ name, shown: 0 });
  }
});

it.each(services)('%s ends by itself with exit code 0 when it is asked to stop', async (service) => {
  const [id = ''] = await stack.containers(service);
  const startedAt = performance.now();
  await stack.run('docker', ['stop', id]);
  const state = await stack.inspect(id, '{{.State.ExitCode}} {{.State.OOMKilled}}');
  console.log(`${service} stopped in ${Math.round(performance.now() - startedAt)} ms`);
  await stack.run('docker', ['start', id]);
  await untilHealthy();
  expect(state).toBe('0 false');
});

it('ends with a message of V8 when the heap is full, before the kernel kills the process', async () => {
  const endless = 'const kept = []; for (;;) kept.push(new Array(10_000).fill(kept.length));';
  const limited = ['node', '--max-old-space-size-percentage=50', '-e', endless];
  const { code, output } = await stack.run('docker', ['compose', 'run', '--rm', '--no-deps', 'billing', ...limited]);
  expect(output).toContain('JavaScript heap out of memory');
  // The signal of abort() and, for the first process of a container, of the trap after it. 137 would be the kernel's.
  expect([134, 139]).toContain(code);
});

it('lets nobody in from outside except through the proxy', async () => {
  const ports = await stack.compose('ps', '--format', '{{.Service}} {{.Ports}}', ...services, 'redis');
  expect(ports).not.toMatch(/->/);
  // The networks of the data have no way out.
  const [redis = ''] = await stack.containers('redis');
  const networks = await stack.inspect(redis, '{{range $name, $_ := .NetworkSettings.Networks}}{{$name}} {{end}}');
  expect(networks.trim()).toMatch(/_inside$/);
});
