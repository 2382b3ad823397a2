import { serviceNames } from '#libs/contracts';
import { alignedTable } from '#libs/command';
import { cellOf, cpuByProcess, ratio, requestsPerCpuSecond, type Measurements, type MeasureName } from './measurements';

const titles: Record<MeasureName, string> = {
  bare: '  bare Fastify, same SELECT',
  me: 'GET /users/me',
  argon2: '  bare argon2 verify',
  login: 'POST /auth/login',
  refresh: 'POST /auth/refresh',
  health: 'GET /health',
};
const order: readonly MeasureName[] = ['me', 'bare', 'login', 'argon2', 'refresh', 'health'];
const megabyte = 1_000_000;
const aims = {
  meOfBare: 0.5,
  loginOfArgon2: 0.9,
  servicesMegabytes: 450,
  startSeconds: 10,
  tokenMs: 0.3,
  eventLoopMs: 20,
};

/** The complete report: the cells, the ratios with their targets, and the use of CPU and memory. */
export function report(measured: Measurements): string {
  const { machine, rounds, seconds } = measured;
  const head =
    `${machine.cores} cores (${machine.model}), ${machine.platform}, Node ${machine.node}; ` +
    `medians of ${rounds} rounds of ${seconds} s a cell. Absolute figures are this machine's, shared with whatever else ` +
    `runs on it and with the load's own process; compare the ratios.`;
  return [head, cells(measured), aimsTable(measured), processes(measured)].filter((part) => part !== '').join('\n\n');
}

function cells({ samples, connections }: Measurements): string {
  const head = ['request', 'connections', 'per s', 'p50 ms', 'p95 ms', 'p99 ms', 'errors', 'CPU s/1000'];
  const counts = [...new Set([...connections, ...samples.map((sample) => sample.connections)])];
  const rows = order.flatMap((measure) =>
    counts.flatMap((count) => {
      const cell = cellOf(samples, measure, count);
      if (cell === undefined) return [];
      const { requestsPerSecond, p50, p95, p99, failures, cpuSecondsPer1000 } = cell;
      const rate = number(requestsPerSecond, requestsPerSecond < 1_000 ? 1 : 0);
      const latencies = [p50, p95, p99].map((milliseconds) => number(milliseconds, milliseconds < 100 ? 1 : 0));
      return [[titles[measure], String(count), rate, ...latencies, String(failures), number(cpuSecondsPer1000, 3)]];
    }),
  );
  return alignedTable([head, ...rows], [1, 2, 3, 4, 5, 6, 7]);
}

function aimsTable(measured: Measurements): string {
  const rows = [...ratioRows(measured), ...wholeRows(measured)];
  return rows.length === 0
    ? ''
    : alignedTable([['ratio', 'connections', 'measured', 'target', ''], ...rows], [1, 2, 3]);
}

function ratioRows({ samples, connections }: Measurements): string[][] {
  const [{ connections: hashesAtOnce } = { connections: NaN }] = samples.filter(({ measure }) => measure === 'argon2');
  const me = connections.map((count) => {
    const value = ratio(samples, ['me', count], ['bare', count], requestsPerCpuSecond);
    return aimRow('users/me per CPU-second ÷ bare Fastify’s', count, value, 2, '≥', aims.meOfBare);
  });
  const login = connections.map((count) => {
    const value = ratio(samples, ['login', count], ['argon2', hashesAtOnce], (sample) => sample.requestsPerSecond);
    const row = aimRow('login/s ÷ bare argon2/s', count, value, 2, '≥', aims.loginOfArgon2);
    // Fewer callers than cores can't keep all cores busy.
    return count < hashesAtOnce ? row.with(3, '').with(4, '') : row;
  });
  // The cost of a sign-in besides its hash, independent of other load on the machine.
  const loginCpu = connections.map((count) => {
    const value = ratio(samples, ['login', count], ['argon2', hashesAtOnce], requestsPerCpuSecond);
    return ['login per CPU-second ÷ bare argon2’s', String(count), number(value, 2), '', ''];
  });
  const late = connections.map((count) => {
    const delay = cellOf(samples, 'login', count)?.eventLoopP99Ms ?? NaN;
    return aimRow('auth’s event loop late during sign-ins, p99, ms', count, delay, 1, '<', aims.eventLoopMs);
  });
  return [...me, ...login, ...loginCpu, ...late].filter(([, , value]) => value !== '–');
}

function wholeRows({ memory, startedInSeconds, tokens }: Measurements): string[][] {
  const services = serviceNames.flatMap((name) => memory[name]?.bytes ?? []);
  const kind = Object.values(memory).some((figure) => figure.kind === 'rss') ? 'RSS' : 'PSS';
  const sum = services.length === 0 ? NaN : services.reduce((total, bytes) => total + bytes, 0) / megabyte;
  return [
    aimRow(`four services’ memory after the load, ${kind}, MB`, undefined, sum, 0, '<', aims.servicesMegabytes),
    aimRow(
      'verifying an access token, first request with it, ms',
      undefined,
      tokens?.firstMs ?? NaN,
      3,
      '<',
      aims.tokenMs,
    ),
    aimRow(
      'verifying an access token, further requests, ms',
      undefined,
      tokens?.furtherMs ?? NaN,
      4,
      '<',
      aims.tokenMs,
    ),
    aimRow('start (built, new database) to healthy, s', undefined, startedInSeconds ?? NaN, 1, '≤', aims.startSeconds),
  ].filter(([, , value]) => value !== '–');
}

function aimRow(
  what: string,
  connections: number | undefined,
  value: number,
  digits: number,
  relation: '≥' | '≤' | '<',
  aim: number,
): string[] {
  const met = { '≥': value >= aim, '≤': value <= aim, '<': value < aim }[relation];
  return [what, String(connections ?? ''), number(value, digits), `${relation} ${aim}`, met ? 'met' : 'MISSED'];
}

function processes({ samples, memory, connections }: Measurements): string {
  const busiest = connections.at(-1) ?? 1;
  const cpu = (['me', 'login', 'refresh', 'health'] as const).map((measure) => cpuByProcess(samples, measure, busiest));
  const names = Object.keys(memory);
  if (names.length === 0) return '';
  const kinds = new Set(Object.values(memory).map(({ kind }) => kind.toUpperCase()));
  const head = ['process', 'users/me', 'login', 'refresh', 'health', `${[...kinds].join('/')} MB`];
  const rows = names.map((name) => [
    name,
    ...cpu.map((byName) => number(byName.get(name) ?? NaN, 2)),
    number((memory[name]?.bytes ?? NaN) / megabyte, 0),
  ]);
  const table = alignedTable([head, ...rows], [1, 2, 3, 4, 5]);
  return `CPU milliseconds per request at ${busiest} connections, and memory after the load\n${table}`;
}

function number(value: number, digits: number): string {
  return Number.isFinite(value) ? value.toFixed(digits) : '–';
}
