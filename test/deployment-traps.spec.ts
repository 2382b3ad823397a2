import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { serviceNames, type ServiceName } from '#libs/contracts';
import { root } from '#libs/local';
import { memoryVariablesOf, nodeOptionsOf } from '../tools/suite/services';

/** Mistakes that others made in production, and that these files must not repeat. */
const read = (name: string) => readFileSync(join(root, name), 'utf8');
const dockerfile = read('Dockerfile');
const container = z.object({
  image: z.string(),
  init: z.boolean().default(false),
  command: z.union([z.string(), z.array(z.string())]).optional(),
  entrypoint: z.union([z.string(), z.array(z.string())]).optional(),
  environment: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
  labels: z.record(z.string(), z.string()).default({}),
  mem_limit: z.templateLiteral([z.number(), 'm']),
  networks: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  read_only: z.boolean().default(false),
  cap_drop: z.array(z.string()).default([]),
  cap_add: z.array(z.string()).default([]),
  security_opt: z.array(z.string()).default([]),
  stop_grace_period: z.templateLiteral([z.number(), z.enum(['s', 'm'])]).optional(),
  healthcheck: z.object({ test: z.array(z.string()) }).optional(),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  logging: z.object({ driver: z.string(), options: z.record(z.string(), z.string()) }),
});
const { services: containers } = z
  .object({ services: z.record(z.string(), container) })
  .parse(parse(read('docker-compose.prod.yml'), { merge: true }));
const containerOf = (name: string) => container.parse(containers[name]);

/** The lines of one target of the Dockerfile, with continued lines joined. */
function target(name: string): string[] {
  const [, stage = ''] =
    new RegExp(String.raw`^FROM \S+ AS ${name}$([\s\S]*?)(?=^FROM |$(?![\s\S]))`, 'm').exec(dockerfile) ?? [];
  return stage.replaceAll(/\\\n\s*/g, '').split('\n');
}

/** @returns what a target passes to Node */
function command(name: ServiceName): string[] {
  const line = target(name).find((text) => text.startsWith('CMD ')) ?? '';
  return z.array(z.string()).parse(JSON.parse(line.replace('CMD ', '')));
}

/** @returns the environment that a target adds to that of its base */
function variables(name: string): Record<string, string> {
  const lines = target(name).filter((text) => text.startsWith('ENV '));
  return Object.fromEntries(
    lines.flatMap((text) => [...text.matchAll(/(\w+)=(\S+)/g)].map(([, key = '', value = '']) => [key, value])),
  );
}

const seconds = (text: string) => Number.parseInt(text, 10) * (text.endsWith('m') ? 60 : 1);
/** The size of the server that docker-compose.prod.yml is for. */
const cores = 2;
const isHeapLimit = (flag: string) => flag.startsWith('--max-old-space-size');

describe.each(serviceNames)('the image of %s', (name) => {
  it('passes the flags to Node that npm start passes, besides the heap limit', () => {
    const flags = command(name).filter((part) => part.startsWith('--'));
    expect(flags.filter((flag) => !isHeapLimit(flag))).toEqual(
      nodeOptionsOf(name).filter((flag) => !isHeapLimit(flag)),
    );
    expect(flags.filter(isHeapLimit)).toHaveLength(1);
  });

  it('sets the variables of malloc and libuv that npm start sets on two cores', () => {
    const all = { ...variables('runtime'), ...variables(name) };
    const ofMemory = Object.entries(all).filter(([key]) => /^(MALLOC|UV)_/.test(key));
    expect(Object.fromEntries(ofMemory)).toEqual(memoryVariablesOf(name, cores));
  });

  it('leaves 96 MB of the container to everything but the heap, so that V8 reports an exhausted heap before the kernel kills it', () => {
    const [, percentage = ''] = /--max-old-space-size-percentage=(\d+)/.exec(command(name).join(' ')) ?? [];
    const limit = Number.parseInt(containerOf(name).mem_limit, 10);
    expect((limit * Number(percentage)) / 100).toBeLessThanOrEqual(limit - 96);
  });

  it('runs Node as the first process, so that SIGTERM reaches it', () => {
    expect(command(name)).toEqual([
      'node',
      ...command(name)
        .slice(1, -1)
        .filter((part) => part.startsWith('--')),
      `dist/apps/${name}/src/main.js`,
    ]);
    expect(containerOf(name)).not.toHaveProperty('command');
    expect(containerOf(name)).not.toHaveProperty('entrypoint');
    expect(target('runtime')).toContain('STOPSIGNAL SIGTERM');
  });

  it('has time to drain and to finish its work before Docker kills it', () => {
    const { DRAIN_DELAY: drain, SHUTDOWN_TIMEOUT: timeout } = variables('runtime');
    const grace = seconds(containerOf(name).stop_grace_period ?? '10s');
    // A job may take 8 seconds.
    expect(Number(timeout)).toBeGreaterThan(Number(drain) + 8);
    expect(grace).toBeGreaterThanOrEqual(Number(timeout) + 5);
  });

  it('does not migrate: one container does, before the services start', () => {
    expect(containerOf(name).depends_on['migrate']).toEqual({ condition: 'service_completed_successfully' });
    expect(Object.keys(containerOf(name).environment).filter((key) => /OWNER|ADMIN/.test(key))).toEqual([]);
  });
});

it('PostgreSQL is not the first process of its container, which would adopt orphans and restart', () => {
  expect(containerOf('postgres').init).toBe(true);
});

it('PostgreSQL counts as healthy only over TCP, which it opens after it has initialized', () => {
  const { test = [] } = containerOf('postgres').healthcheck ?? {};
  expect(test.slice(1, 4)).toEqual(['pg_isready', '-h', '127.0.0.1']);
});

it('a health check in the images outlasts a busy machine', () => {
  const [check = ''] = target('runtime').filter((line) => line.startsWith('HEALTHCHECK'));
  const option = (name: string) => seconds(new RegExp(`--${name}=(\\d+s)`).exec(check)?.[1] ?? '');
  expect(option('timeout')).toBeGreaterThanOrEqual(20);
  expect(option('interval') * Number(/--retries=(\d+)/.exec(check)?.[1])).toBeGreaterThanOrEqual(60);
});

it('no variable, command, or label holds a secret', () => {
  for (const [name, { environment, command: args = [], labels }] of Object.entries(containers)) {
    const text = JSON.stringify([environment, args, labels]);
    const secretive = Object.keys(environment).filter(
      (key) => /SECRET|PASSWORD|KEY|_URL/.test(key) && key !== 'PUBLIC_URL',
    );
    expect({ name, open: secretive.filter((key) => !key.endsWith('_FILE')) }).toEqual({ name, open: [] });
    expect(text).not.toMatch(/:\/\/[^/"\s]*:[^/"\s]*@/);
  }
});

it('only Traefik reaches the Docker engine, and it can reach neither databases nor privileges', () => {
  const withSocket = Object.entries(containers).filter(([, { volumes }]) => volumes.join(' ').includes('docker.sock'));
  expect(withSocket.map(([name]) => name)).toEqual(['traefik']);
  const { command: args = [], ...traefik } = containerOf('traefik');
  expect(traefik).toMatchObject({
    networks: ['front', 'outside'],
    read_only: true,
    cap_drop: ['ALL'],
    cap_add: ['NET_BIND_SERVICE'],
    security_opt: ['no-new-privileges:true'],
  });
  expect(
    z
      .array(z.string())
      .parse(args)
      .filter((flag) => flag.startsWith('--api')),
  ).toEqual([]);
  expect(containerOf('postgres').networks).not.toContain('front');
  expect(containerOf('redis').networks).not.toContain('front');
});

it('no log can fill the disk', () => {
  for (const [name, { logging }] of Object.entries(containers))
    expect({ name, ...logging }).toMatchObject({
      name,
      driver: 'json-file',
      options: { 'max-size': '10m', 'max-file': '3' },
    });
});

it('Traefik looks for the gateways on the network of this project, whatever the project is called', () => {
  expect(containerOf('traefik').command).toContain(
    '--providers.docker.network=${COMPOSE_PROJECT_NAME:-groundwork}_front',
  );
  expect(containerOf('gateway').networks).toContain('front');
});

describe('a rolling update', () => {
  it('leaves PostgreSQL, Redis, and the proxy as they are', () => {
    for (const name of ['postgres', 'backup', 'redis', 'traefik'])
      expect(JSON.stringify(containerOf(name))).not.toContain('${VERSION');
  });

  const { labels } = containerOf('gateway');
  const ofBalancer = (key: string) => labels[`traefik.http.services.gateway.loadbalancer.${key}`] ?? '';

  it('is followed by the proxy, which asks each gateway every second whether it is ready', () => {
    expect([
      ofBalancer('healthcheck.path'),
      ofBalancer('healthcheck.port'),
      ofBalancer('healthcheck.interval'),
    ]).toEqual(['/health/ready', '9464', '1s']);
  });

  it('drains a gateway for longer than the proxy needs to notice', () => {
    const interval = seconds(ofBalancer('healthcheck.interval'));
    expect(Number(variables('runtime')['DRAIN_DELAY'])).toBeGreaterThanOrEqual(2 * interval + 2);
  });

  it('sends a request that could not be sent to another gateway', () => {
    expect(labels['traefik.http.routers.gateway.middlewares']).toBe('retry');
    expect(Number(labels['traefik.http.middlewares.retry.retry.attempts'])).toBeGreaterThanOrEqual(3);
  });
});
