import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '#libs/local';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { service as auth } from '../../apps/auth/src/index';
import { service as billing } from '../../apps/billing/src/index';
import { service as gateway } from '../../apps/gateway/src/index';
import { service as notification } from '../../apps/notification/src/index';
import { overlays } from '../../tools/manifests/rendered';
import { clusterOf, type Cluster, type Container, type Workload } from './cluster';

const services = [gateway, auth, billing, notification];
const folder = mkdtempSync(join(tmpdir(), 'groundwork-kubernetes-'));
afterAll(() => rmSync(folder, { recursive: true }));

const secretObject = z.object({ metadata: z.object({ name: z.string() }), data: z.record(z.string(), z.string()) });
type Secrets = ReadonlyMap<string, Readonly<Record<string, string>>>;

const created = new Map<boolean, Secrets>();

/** The Secrets that scripts/init-kubernetes.sh creates, with their values. */
function secretsOf(isDevelopment: boolean): Secrets {
  const known = created.get(isDevelopment) ?? secretsFrom(...(isDevelopment ? ['--development'] : []));
  created.set(isDevelopment, known);
  return known;
}

function secretsFrom(...args: string[]): Secrets {
  const env = {
    PATH: process.env['PATH'],
    SMTP_URL: 'smtps://user:qH3kV9sXw2@smtp.acme.test',
    DATABASE_ADMIN_URL: '',
    REDIS_URL: '',
    S3_ACCESS_KEY_ID: 'key-of-acme',
    S3_SECRET_ACCESS_KEY: 'other-key-of-acme',
  };
  const output = execFileSync('bash', [join(root, 'scripts', 'init-kubernetes.sh'), ...args], {
    encoding: 'utf8',
    env,
  });
  const documents = parseAllDocuments(output).map((document) => secretObject.parse(document.toJS()));
  return new Map(
    z
      .array(secretObject)
      .parse(documents)
      .map(({ metadata, data }) => [
        metadata.name,
        Object.fromEntries(
          Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]),
        ),
      ]),
  );
}

/** Each file that the pod finds in /run/secrets/groundwork, with its content. */
function filesIn({ template }: Workload, secrets: Secrets): Map<string, string> {
  const files = new Map<string, string>();
  const mounted = template.spec.volumes.flatMap(({ secret, projected }) => [
    ...(secret === undefined ? [] : [{ name: secret.secretName, optional: false, items: undefined }]),
    ...(projected?.sources.map((source) => source.secret) ?? []),
  ]);
  for (const { name, optional, items } of mounted) {
    const data = secrets.get(name);
    if (data === undefined && !optional) throw new Error(`There is no Secret ${name}`);
    const paths = items ?? Object.keys(data ?? {}).map((key) => ({ key, path: key }));
    for (const { key, path } of paths) files.set(path, data?.[key] ?? '');
  }
  return files;
}

const containerIn = ({ template }: Workload): Container => {
  const [container] = template.spec.containers;
  if (container === undefined) throw new Error('The pod has no container');
  return container;
};

/** What the container's process finds in its environment. Paths of secrets lead to files that exist. */
function environmentOf(cluster: Cluster, workload: Workload, secrets: Secrets): Record<string, string> {
  const files = filesIn(workload, secrets);
  const fromImage = { HOST: '0.0.0.0', MANAGEMENT_HOST: '0.0.0.0' };
  const set = containerIn(workload).env.flatMap(({ name, value, valueFrom }) => {
    if (valueFrom === undefined) return [[name, inFolder(value ?? '', workload, files)]];
    const { name: settings, key, optional } = valueFrom.configMapKeyRef;
    const setting = cluster.settings.get(settings)?.[key];
    if (setting === undefined && !optional) throw new Error(`${cluster.overlay} has no setting ${key}`);
    return setting === undefined ? [] : [[name, setting]];
  });
  return { ...fromImage, ...z.record(z.string(), z.string()).parse(Object.fromEntries(set)) };
}

function inFolder(value: string, { name }: Workload, files: ReadonlyMap<string, string>): string {
  const [, key] = /^\/run\/secrets\/groundwork\/(\w+)$/.exec(value) ?? [];
  if (key === undefined) return value;
  const path = join(folder, `${name}-${key}`);
  writeFileSync(path, files.get(key) ?? '');
  return path;
}

const readFiles = (workload: Workload) =>
  containerIn(workload)
    .env.flatMap(({ value = '' }) => /^\/run\/secrets\/groundwork\/(\w+)$/.exec(value)?.[1] ?? [])
    .toSorted();

describe.each(overlays)('in %s', (overlay) => {
  const cluster = clusterOf(overlay);
  const secrets = secretsOf(overlay === 'development');

  describe.each(services)('$name', ({ name, variables, check }) => {
    const workload = cluster.workload(name);
    const container = containerIn(workload);

    it('gets only variables that it reads', () => {
      expect(container.env.map((variable) => variable.name).filter((one) => !variables.includes(one))).toEqual([]);
    });

    it('starts with these variables and the Secrets of scripts/init-kubernetes.sh', () => {
      expect(() => check(environmentOf(cluster, workload, secrets))).not.toThrow();
    });

    it('gets every secret as a file, and no other secret', () => {
      expect(readFiles(workload)).toEqual([...filesIn(workload, secrets).keys()].toSorted());
      const secretVariables = variables.filter((variable) => variables.includes(`${variable}_FILE`));
      expect(container.env.filter((variable) => secretVariables.includes(variable.name))).toEqual([]);
    });

    it('opens the ports that it listens on, and is probed on the management port', () => {
      const ports = Object.fromEntries(container.ports.map((port) => [port.name, port.containerPort]));
      expect(ports).toEqual({ management: 9464, ...(variables.includes('PORT') && { http: 3000 }) });
      const probed = [container.startupProbe, container.readinessProbe, container.livenessProbe].map(
        (probe) => probe?.httpGet,
      );
      expect(probed).toEqual([
        { path: '/health/live', port: 'management' },
        { path: '/health/ready', port: 'management' },
        { path: '/health/live', port: 'management' },
      ]);
    });

    it('has time to drain: Kubernetes waits longer than preStop and SHUTDOWN_TIMEOUT together', () => {
      const { SHUTDOWN_TIMEOUT: timeout, DRAIN_DELAY: delay } = environmentOf(cluster, workload, secrets);
      const wait = container.lifecycle?.preStop.sleep.seconds ?? 0;
      expect(wait).toBeGreaterThanOrEqual(10);
      expect(delay).toBe('0');
      expect(workload.template.spec.terminationGracePeriodSeconds).toBeGreaterThan(wait + Number(timeout) + 10);
    });
  });

  it('migrate gets the files that it reads, and no other', () => {
    const workload = cluster.workload('migrate');
    const expected = services.flatMap(({ name }) => [`database_password_${name}`, `database_password_${name}_owner`]);
    expect(readFiles(workload)).toEqual(['database_admin_url', ...expected].toSorted());
    expect(readFiles(workload)).toEqual([...filesIn(workload, secrets).keys()].toSorted());
    const { env } = containerIn(workload);
    for (const { name, value } of env) expect(`/run/secrets/groundwork/${name.toLowerCase()}`).toBe(`${value}_file`);
  });

  it('the name of the migration carries the version, so that a new version is a new Job', () => {
    const [job] = cluster.ofKind('Job');
    const [, version] = containerIn(cluster.workload('migrate')).image.split(':');
    expect(job?.metadata.name).toBe(`migrate-${version}`);
    expect(job?.metadata.labels['app.kubernetes.io/version']).toBe(version);
  });

  it('all images of Groundwork have the same version', () => {
    const versions = cluster.workloads.flatMap((workload) =>
      workload.template.spec.containers.flatMap(({ image }) => /groundwork-\w+:(.+)$/.exec(image)?.[1] ?? []),
    );
    expect(versions.length).toBeGreaterThanOrEqual(5);
    expect(new Set(versions).size).toBe(1);
  });
});

it('liveness of a busy service: 1 minute without a response, 5 seconds for each, as a shorter limit kills what works', () => {
  for (const { name } of services) {
    const { livenessProbe: live } = containerIn(clusterOf('production').workload(name));
    expect(live?.timeoutSeconds).toBeGreaterThanOrEqual(5);
    expect((live?.periodSeconds ?? 0) * (live?.failureThreshold ?? 0)).toBeGreaterThanOrEqual(60);
  }
});

it('the memory limits are those of Compose', () => {
  const compose = readFileSync(join(root, 'docker-compose.prod.yml'), 'utf8');
  for (const { name } of services) {
    const [, megabytes] = new RegExp(`^  ${name}:\\n(?:    .*\\n)*?    mem_limit: (\\d+)m`, 'm').exec(compose) ?? [];
    expect(containerIn(clusterOf('production').workload(name)).resources.limits.memory).toBe(`${megabytes}Mi`);
  }
});

it.each([
  ['nightly backup', 'backup', 5],
  ['weekly restore check', 'restore-check', 1],
])(
  'the %s runs a script of the image, with variables that it reads, as the user of PostgreSQL',
  (_what, name, count) => {
    const { template } = clusterOf('everything').workload(name);
    const [container] = template.spec.containers;
    const [script = ''] = container?.command ?? [];
    const sources = [script, join('lib', 'backup.sh')].map((file) => readFileSync(join(root, 'scripts', file), 'utf8'));
    const names = container?.env.map((variable) => variable.name.replace(/_FILE$/, '')) ?? [];
    expect(names).toHaveLength(count);
    expect(names.filter((variable) => !sources.some((source) => source.includes(variable)))).toEqual([]);
    expect(readFileSync(join(root, 'Dockerfile'), 'utf8')).toMatch(/^FROM \S+ AS postgres$/m);
    // The user postgres of the image that postgres:17-alpine makes.
    expect(template.spec.securityContext.runAsUser).toBe(70);
  },
);

it('the External Secrets are the Secrets that scripts/init-kubernetes.sh makes, and those of backups', () => {
  const names = clusterOf('everything')
    .ofKind('ExternalSecret')
    .map(({ metadata }) => metadata.name);
  expect(names.toSorted()).toEqual([...secretsOf(false).keys(), 'backup', 'backup-store'].toSorted());
});

it('scripts/init-kubernetes.sh keeps the options of a managed database, and refuses what is no URL', () => {
  const run = (url: string) =>
    execFileSync('bash', [join(root, 'scripts', 'init-kubernetes.sh')], {
      encoding: 'utf8',
      stdio: 'pipe',
      env: {
        PATH: process.env['PATH'],
        DATABASE_ADMIN_URL: url,
        REDIS_URL: 'rediss://:x@redis.acme.test:6379',
        SMTP_URL: 'smtp://a',
        S3_ACCESS_KEY_ID: 'a',
        S3_SECRET_ACCESS_KEY: 'b',
      },
    });
  const [, encoded = ''] =
    /name: billing.*\n.*\n.*\n {2}database_url: (\S+)/.exec(
      run('postgres://admin:pw@db.acme.test:5433/postgres?sslmode=require'),
    ) ?? [];
  expect(Buffer.from(encoded, 'base64').toString()).toMatch(
    /^postgres:\/\/groundwork_billing:\w{48}@db\.acme\.test:5433\/groundwork_billing\?sslmode=require$/,
  );
  expect(() => run('db.acme.test')).toThrow('DATABASE_ADMIN_URL must look like');
});
