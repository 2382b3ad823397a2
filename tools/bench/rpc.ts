import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, redisCache, startRedis } from '#libs/local';
import { findRedisServer } from '../suite/redis-server';
import { alignedTable } from '#libs/command';
import { publish } from './publish';
import { connect, type Caller } from './rpc-caller';
import { subjects, type Subject } from './rpc-contract';
import { median, percentile } from './statistics';

/**
 * `npm run bench:rpc`: compares libs/rpc with Nest's own Redis transport and the bare round trip, each
 * served by its own process over one Redis. The rounds alternate, so that a slow moment of the machine
 * affects all of them. Each figure is the median of its rounds.
 */
const rounds = 7;
const warmUpMs = 2_000;
const inFlight = [1, 64] as const;
const roundMs = { 1: 1_000, 64: 1_500 } as const;

type InFlight = (typeof inFlight)[number];

interface Result {
  readonly perSecond: number;
  /** In milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'groundwork-bench-'));
  const server = findRedisServer(redisCache, console.log);
  const redis = await startRedis({ server, port: await freePort(), folder, args: ['--appendonly', 'no'] });
  const services: ChildProcess[] = [];
  try {
    for (const subject of subjects) services.push(await startService(subject, redis.port));
    await compare(redis.port);
  } finally {
    for (const service of services) service.disconnect();
    await redis.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function startService(subject: Subject, port: number): Promise<ChildProcess> {
  // The log goes to a file descriptor that costs as much as a pipe to a collector but is not read.
  const service = fork(join(__dirname, 'rpc-service.js'), [subject, String(port)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const message = await new Promise<unknown>((resolve) => service.once('message', resolve).once('exit', resolve));
  if (message !== 'ready') throw new Error(`The service of ${subject} did not start.`);
  return service;
}

async function compare(port: number): Promise<void> {
  const callers = new Map<Subject, Caller>();
  for (const subject of subjects) callers.set(subject, await connect[subject](port));
  const results = new Map<string, Result[]>();
  for (let round = 0; round <= rounds; round++) {
    for (const many of inFlight) {
      for (const [subject, caller] of callers) {
        const result = await measure(caller, many, round === 0 ? warmUpMs : roundMs[many]);
        if (round > 0) results.set(`${subject} ${many}`, [...(results.get(`${subject} ${many}`) ?? []), result]);
      }
    }
  }
  for (const caller of callers.values()) await caller.close();
  print((subject, many) => medianOf(results.get(`${subject} ${many}`) ?? []));
}

async function measure({ call }: Caller, many: InFlight, durationMs: number): Promise<Result> {
  const latencies: number[] = [];
  const start = performance.now();
  const worker = async () => {
    for (let sent = start; sent - start < durationMs;) {
      await call();
      const answered = performance.now();
      latencies.push(answered - sent);
      sent = answered;
    }
  };
  await Promise.all(Array.from({ length: many }, worker));
  const elapsed = performance.now() - start;
  const ascending = Float64Array.from(latencies).sort();
  const [p50, p99] = [percentile(ascending, 0.5), percentile(ascending, 0.99)];
  return { perSecond: (latencies.length / elapsed) * 1_000, p50, p99 };
}

function medianOf(results: readonly Result[]): Result {
  const of = (figure: (result: Result) => number) => median(results.map(figure));
  return { perSecond: of((r) => r.perSecond), p50: of((r) => r.p50), p99: of((r) => r.p99) };
}

function print(result: (subject: Subject, many: InFlight) => Result): void {
  const rows = [['in flight', 'transport', 'calls/s', "x Nest's", 'p50 ms', "x Nest's", 'p99 ms']];
  for (const many of inFlight) {
    const nest = result("Nest's Redis transport", many);
    for (const subject of subjects) {
      const { perSecond, p50, p99 } = result(subject, many);
      const ratios = [(perSecond / nest.perSecond).toFixed(2), (p50 / nest.p50).toFixed(2)] as const;
      rows.push([String(many), subject, perSecond.toFixed(0), ratios[0], p50.toFixed(3), ratios[1], p99.toFixed(3)]);
    }
  }
  const head = `Median of ${rounds} alternating rounds, ${availableParallelism()} cores, Node ${process.version}:`;
  publish('rpc', `${head}\n\n${alignedTable(rows, [0, 2, 3, 4, 5, 6])}`);
}

void main();
