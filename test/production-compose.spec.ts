import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { root } from '#libs/local';
import { service as auth } from '../apps/auth/src/index';
import { service as billing } from '../apps/billing/src/index';
import { service as gateway } from '../apps/gateway/src/index';
import { service as notification } from '../apps/notification/src/index';

const services = [gateway, auth, billing, notification];
const container = z.object({
  image: z.string(),
  environment: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
  secrets: z.array(z.string()).default([]),
  networks: z.array(z.string()),
  ports: z.array(z.string()).default([]),
  labels: z.record(z.string(), z.string()).default({}),
  mem_limit: z.templateLiteral([z.number(), 'm']),
  read_only: z.boolean().default(false),
  cap_drop: z.array(z.string()).default([]),
  logging: z.object({ options: z.record(z.string(), z.string()) }),
  deploy: z.object({ replicas: z.number() }).default({ replicas: 1 }),
  command: z.union([z.string(), z.array(z.string())]).optional(),
});
const file = z.object({
  services: z.record(z.string(), container),
  secrets: z.record(z.string(), z.object({ file: z.string() })),
});
const text = readFileSync(join(root, 'docker-compose.prod.yml'), 'utf8');
const { services: containers, secrets } = file.parse(parse(text, { merge: true }));
const containerOf = (name: string) => container.parse(containers[name]);

const folder = mkdtempSync(join(tmpdir(), 'groundwork-compose-'));
afterAll(() => rmSync(folder, { recursive: true }));

const random = () => randomBytes(24).toString('hex');
const contents: Readonly<Record<string, () => string>> = {
  redis_url: () => `redis://:${random()}@redis:6379`,
  smtp_url: () => `smtps://user:${random()}@smtp.acme.test`,
  field_encryption_key: () => `${randomBytes(32).toString('base64url')}=`,
  csrf_secret: random,
};

/** What the container's process finds in its environment, with secret files that exist. */
function environmentIn(name: string): Record<string, string> {
  const settings: Readonly<Record<string, string>> = {
    DOMAIN: 'app.acme.test',
    MAIL_FROM: 'Acme <no-reply@acme.test>',
  };
  return Object.fromEntries(
    Object.entries(containerOf(name).environment).map(([variable, value]) => {
      const filled = String(value).replaceAll(
        /\$\{(\w+)(?::-([^}]*)|:\?[^}]*)?\}/g,
        (_all, setting: string, otherwise = '') => settings[setting] ?? String(otherwise),
      );
      return [variable, filled.startsWith('/run/secrets/') ? secretFile(filled.replace('/run/secrets/', '')) : filled];
    }),
  );
}

function secretFile(name: string): string {
  const path = join(folder, name);
  writeFileSync(path, contents[name]?.() ?? `postgres://groundwork:${random()}@postgres:5432/groundwork`);
  return path;
}

describe.each(services)('the $name container', ({ name, variables, check }) => {
  it('sets only variables that the service reads', () => {
    expect(Object.keys(containerOf(name).environment).filter((variable) => !variables.includes(variable))).toEqual([]);
  });

  it('sets all that the service needs to start in production', () => {
    expect(() => check(environmentIn(name))).not.toThrow();
  });

  it('gets every secret as a file, and no other secret', () => {
    const { environment, secrets: mounted } = containerOf(name);
    const read = Object.values(environment).flatMap(
      (value) => /^\/run\/secrets\/(\w+)$/.exec(String(value))?.[1] ?? [],
    );
    expect(read.toSorted()).toEqual(mounted.toSorted());
    const secretVariables = variables.filter((variable) => variables.includes(`${variable}_FILE`));
    expect(Object.keys(environment).filter((variable) => secretVariables.includes(variable))).toEqual([]);
  });
});

describe('each container', () => {
  const each = Object.entries(containers);

  it('has a memory limit, and together they fit a server with 2 GB', () => {
    const total = each.map(([, { mem_limit: limit, deploy }]) => Number.parseInt(limit, 10) * deploy.replicas);
    // PostgreSQL, Redis, and Traefik stay far below their limits; migrate has ended when the others run.
    expect(total.reduce((sum, megabytes) => sum + megabytes, 0)).toBeLessThanOrEqual(2_816);
    expect(total.every((megabytes) => megabytes > 0)).toBe(true);
  });

  it('bounds its log', () => {
    for (const [name, { logging }] of each)
      expect({ name, options: logging.options }).toEqual({ name, options: { 'max-size': '10m', 'max-file': '3' } });
  });

  it('mounts only secrets that are declared', () => {
    const mounted = new Set(each.flatMap(([, { secrets: names }]) => names));
    expect([...mounted].toSorted()).toEqual(Object.keys(secrets).toSorted());
  });

  it('runs our code without privileges and with a read-only root', () => {
    for (const name of [...services.map((service) => service.name), 'migrate'])
      expect({ name, ...containerOf(name) }).toMatchObject({ name, read_only: true, cap_drop: ['ALL'] });
  });
});

it('only Traefik is reachable from outside', () => {
  expect(Object.entries(containers).flatMap(([name, { ports }]) => (ports.length > 0 ? [name] : []))).toEqual([
    'traefik',
  ]);
});

it('no router leads to the management port', () => {
  const ports = Object.values(containers).flatMap(({ labels }) =>
    Object.entries(labels).filter(([label]) => label.endsWith('loadbalancer.server.port')),
  );
  expect(ports.map(([, port]) => port)).toEqual(['3000']);
});
