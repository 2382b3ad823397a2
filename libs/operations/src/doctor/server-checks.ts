import type { Variables } from '#libs/command';
import { closeRedis, createRedis, redisSettings, whenReady } from '#libs/redis';
import { createTransport } from 'nodemailer';
import { connect } from 'node:tls';
import { absent, ok, problem, type Check, type Finding } from './check';
import { forgedAddressFinding } from './client-address';
import { clockFinding } from './clock';

const dayMs = 86_400_000;
const fewestDays = 14;
const halfYearSeconds = 15_552_000;

/** Redis, the SMTP server, and the public URL. */
export function serverChecks(variables: Variables): Check[] {
  const { REDIS_TLS_CA_FILE: tlsCaFile, PUBLIC_URL: url } = variables;
  const check = (name: string, variable: string, run: (value: string) => Promise<Finding>): Check => ({
    name,
    run: async () => {
      const value = variables[variable];
      return value ? run(value) : absent(variable);
    },
  });
  return [
    check('Redis settings', 'REDIS_URL', (redis) => redisFinding(redis, tlsCaFile)),
    check('Redis clock', 'REDIS_URL', (redis) => redisClock(redis, tlsCaFile)),
    check('SMTP login', 'SMTP_URL', smtpFinding),
    check('TLS certificate', 'PUBLIC_URL', certificateFinding),
    check('HSTS', 'PUBLIC_URL', hstsFinding),
    check('forged client address', 'PUBLIC_URL', forgedAddressFinding),
    check('HTTPS clock', 'PUBLIC_URL', async () => (url ? httpsClock(url) : absent('PUBLIC_URL'))),
  ];
}

async function redisFinding(url: string, tlsCaFile?: string): Promise<Finding> {
  const { refusal, warning } = await redisSettings({ url, name: 'doctor', tlsCaFile });
  const text = refusal ?? warning;
  return text === undefined
    ? ok('noeviction, with an append-only file')
    : problem(text, 'Change the configuration of Redis.');
}

async function redisClock(url: string, tlsCaFile?: string): Promise<Finding> {
  const redis = createRedis({ url, name: 'doctor', tlsCaFile }, 'command');
  try {
    if (!(await whenReady(redis, 5_000))) return problem('no response', 'Check REDIS_URL, the network, and Redis.');
    const started = Date.now();
    const [seconds, micros] = await redis.time();
    return clockFinding(Number(seconds) * 1_000 + Number(micros) / 1_000, started, Date.now());
  } finally {
    await closeRedis(redis);
  }
}

async function smtpFinding(url: string): Promise<Finding> {
  const transport = createTransport({ url, connectionTimeout: 5_000, greetingTimeout: 5_000, socketTimeout: 5_000 });
  try {
    await transport.verify();
    return ok('connected and signed in');
  } finally {
    transport.close();
  }
}

async function certificateFinding(url: string): Promise<Finding> {
  const { protocol, hostname, port } = new URL(url);
  if (protocol !== 'https:') return problem(`${protocol}// is not encrypted`, 'Serve the API over https.');
  const { validTo, reason } = await certificateOf(hostname, Number(port) || 443);
  if (reason !== undefined)
    return problem(
      `browsers refuse it: ${reason}`,
      'Look at the log of the proxy, and get a certificate for this domain.',
    );
  const days = Math.floor((Date.parse(validTo) - Date.now()) / dayMs);
  const seen = `valid for ${days} days`;
  return days >= fewestDays ? ok(seen) : problem(seen, 'Look at the log of the proxy for why it was not renewed.');
}

function certificateOf(host: string, port: number): Promise<{ validTo: string; reason: string | undefined }> {
  return new Promise((resolve, reject) => {
    // An invalid certificate is what this looks for. Nothing is sent over the connection.
    const socket = connect({ host, port, servername: /^[\d.]+$|:/.test(host) ? '' : host, rejectUnauthorized: false });
    socket.setTimeout(5_000, () => socket.destroy(new Error('no response within 5 s')));
    socket.once('error', reject);
    socket.once('secureConnect', () => {
      const reason = socket.authorized ? undefined : String(socket.authorizationError);
      resolve({ validTo: socket.getPeerCertificate().valid_to, reason });
      socket.destroy();
    });
  });
}

const headersOf = async (url: string) =>
  (await fetch(`${url.replace(/\/+$/, '')}/api/v1/health`, { redirect: 'manual', signal: AbortSignal.timeout(8_000) }))
    .headers;

async function hstsFinding(url: string): Promise<Finding> {
  const header = (await headersOf(url)).get('strict-transport-security');
  const seconds = Number(/max-age=(\d+)/.exec(header ?? '')?.[1] ?? 0);
  return seconds >= halfYearSeconds
    ? ok(`${header}`)
    : problem(header ?? 'no Strict-Transport-Security header', 'Let the proxy pass on the headers of the gateway.');
}

/** The header has whole seconds. */
async function httpsClock(url: string): Promise<Finding> {
  const started = Date.now();
  const date = (await headersOf(url)).get('date');
  if (date === null) return problem('no Date header', 'Let the proxy pass on the headers of the gateway.');
  return clockFinding(Date.parse(date), started, Date.now(), 1_000);
}
