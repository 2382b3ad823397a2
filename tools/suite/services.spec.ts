import { randomBytes } from 'node:crypto';
import { serviceNames, type ServiceName } from '#libs/contracts';
import { environmentOf, graceMs, reachableHost, type ReplicaPorts, type Surroundings } from './services';
import { services, variablesOf } from './apps';

const around: Surroundings = {
  secrets: {
    fieldEncryptionKey: 'own-key',
    csrfSecret: 'own-secret',
    postgresPassword: 'own-password',
    databasePasswords: () => ({ ownerPassword: 'a', servicePassword: 'b' }),
  },
  databaseUrls: new Map(serviceNames.map((service) => [service, `postgres://${service}@127.0.0.1/${service}`])),
  redisUrl: 'redis://127.0.0.1:6379',
  smtpUrl: 'smtp://127.0.0.1:1025',
  publicUrl: 'http://localhost:3000',
  folder: '/tmp/groundwork',
};
const portsOf = (service: ServiceName): ReplicaPorts => ({
  management: 4_000,
  http: service === 'gateway' ? 3_000 : undefined,
});

/** The user sets one value of these for the whole suite, and each service gets its own. */
const ofTheWholeSuite = ['DATABASE_URL', 'DATABASE_DIRECT_URL', 'PORT', 'MANAGEMENT_PORT'];

it.each(serviceNames)('passes every variable in the schema of %s on from the user', (service) => {
  const names = variablesOf(service).filter((name) => !ofTheWholeSuite.includes(name));
  expect(names.length).toBeGreaterThan(8);
  const settings = Object.fromEntries(names.map((name) => [name, randomBytes(4).toString('hex')]));
  expect(environmentOf(service, around, portsOf(service), settings)).toMatchObject(settings);
});

it('gives each service its own value of a variable for the whole suite', () => {
  const settings = { DATABASE_URL: 'postgres://superuser@db/postgres', PORT: '8080', MANAGEMENT_PORT: '9000' };
  for (const service of serviceNames) {
    const { DATABASE_URL, MANAGEMENT_PORT } = environmentOf(service, around, portsOf(service), settings);
    expect([DATABASE_URL, MANAGEMENT_PORT]).toEqual([around.databaseUrls.get(service), '4000']);
  }
  expect(environmentOf('gateway', around, portsOf('gateway'), settings)).toMatchObject({ PORT: '3000' });
});

it('connects every service past a pooler to its own database only', () => {
  const settings = { DATABASE_DIRECT_URL: 'postgres://superuser@db/postgres' };
  expect(environmentOf('auth', around, portsOf('auth'), settings)).toMatchObject({ DATABASE_DIRECT_URL: '' });
});

it.each(['OTEL_TRACES_SAMPLER', 'OTEL_EXPORTER_OTLP_HEADERS', 'SENTRY_RELEASE', 'NODE_EXTRA_CA_CERTS', 'HTTPS_PROXY'])(
  'passes %s, which a library reads, to every service',
  (name) => {
    for (const service of serviceNames)
      expect(environmentOf(service, around, portsOf(service), { [name]: 'set' })).toMatchObject({ [name]: 'set' });
  },
);

it('gives a service no secret that only another service reads', () => {
  const settings = { CSRF_SECRET: 'a', OIDC_PROVIDERS: 'b', AWS_SECRET_ACCESS_KEY: 'c', FIELD_ENCRYPTION_KEY: 'd' };
  expect(environmentOf('auth', around, portsOf('auth'), settings)).not.toHaveProperty('CSRF_SECRET');
  const names = Object.keys(environmentOf('billing', around, portsOf('billing'), settings));
  expect(names.filter((name) => Object.hasOwn(settings, name))).toEqual([]);
});

it('lets gateways behind the front listen only on this machine, whatever HOST says', () => {
  const settings = { HOST: '0.0.0.0' };
  const single = { management: 4_000, http: 3_000, isBehindFront: false };
  expect(environmentOf('gateway', around, single, settings)).toMatchObject({ HOST: '0.0.0.0' });
  const oneOfSeveral = { ...single, isBehindFront: true };
  expect(environmentOf('gateway', around, oneOfSeveral, settings)).toMatchObject({ HOST: '127.0.0.1' });
});

it('kills no process before SHUTDOWN_TIMEOUT has passed', () => {
  expect([graceMs({}), graceMs({ SHUTDOWN_TIMEOUT: '30' })]).toEqual([5_000, 31_000]);
});

it('reaches a server on all interfaces by the loopback address, and one on a single interface there', () => {
  expect([undefined, '0.0.0.0', '::', '192.168.1.5', '::1'].map((host) => reachableHost(host))).toEqual([
    ...Array<string>(3).fill('127.0.0.1'),
    '192.168.1.5',
    '[::1]',
  ]);
});

it('finds a folder in apps for every service that contracts name, and no others', () => {
  expect(services).toEqual(serviceNames);
});
