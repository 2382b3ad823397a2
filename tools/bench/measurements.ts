import type { EndpointName } from './options';
import type { Memory } from './process-usage';
import { median } from './statistics';
import { z } from 'zod';

/** An endpoint of the suite, or a bare limit to compare with. */
export type MeasureName = EndpointName | 'bare' | 'argon2';

/** One cell of the table in one round. */
export interface Sample {
  readonly measure: MeasureName;
  readonly connections: number;
  readonly round: number;
  readonly requests: number;
  readonly requestsPerSecond: number;
  /** In milliseconds. Undefined if nothing waits for a response. */
  readonly latency: { readonly p50: number; readonly p95: number; readonly p99: number } | undefined;
  /** Failed requests, by status or `connection`. */
  readonly failures: Readonly<Record<string, number>>;
  /** By process. Empty if the processes run where they can't be measured. */
  readonly cpuSeconds: Readonly<Record<string, number>>;
  /** Delay of auth's event loop in milliseconds, 99th percentile. */
  readonly eventLoopP99Ms?: number | undefined;
}

/** Medians in milliseconds: the first request with an access token, and further ones. */
export const tokenVerification = z.object({ firstMs: z.number(), furtherMs: z.number() });
export type TokenVerification = z.output<typeof tokenVerification>;

export interface Measurements {
  readonly machine: {
    readonly cores: number;
    readonly model: string;
    readonly node: string;
    readonly platform: string;
  };
  readonly rounds: number;
  readonly seconds: number;
  readonly connections: readonly number[];
  readonly samples: readonly Sample[];
  readonly memory: Readonly<Record<string, Memory>>;
  readonly startedInSeconds: number | undefined;
  readonly tokens?: TokenVerification;
}

/** A cell over all rounds: medians, and the sum of failures. */
export interface Cell {
  readonly requestsPerSecond: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly failures: number;
  readonly cpuSecondsPer1000: number;
  readonly eventLoopP99Ms: number;
}

export function cellOf(samples: readonly Sample[], measure: MeasureName, connections: number): Cell | undefined {
  const own = samplesOf(samples, measure, connections);
  if (own.length === 0) return undefined;
  const medianOf = (pick: (sample: Sample) => number | undefined) => median(own.map((sample) => pick(sample) ?? NaN));
  return {
    requestsPerSecond: medianOf((sample) => sample.requestsPerSecond),
    p50: medianOf((sample) => sample.latency?.p50),
    p95: medianOf((sample) => sample.latency?.p95),
    p99: medianOf((sample) => sample.latency?.p99),
    failures: own.reduce((sum, sample) => sum + failuresOf(sample), 0),
    cpuSecondsPer1000: medianOf((sample) => (cpuOf(sample) / sample.requests) * 1_000),
    eventLoopP99Ms: medianOf((sample) => sample.eventLoopP99Ms),
  };
}

/** CPU milliseconds of each process per request, as the median over the rounds. */
export function cpuByProcess(
  samples: readonly Sample[],
  measure: MeasureName,
  connections: number,
): Map<string, number> {
  const own = samplesOf(samples, measure, connections);
  const names = Object.keys(own[0]?.cpuSeconds ?? {});
  const perRequest = (name: string) =>
    own.map(({ cpuSeconds, requests }) => ((cpuSeconds[name] ?? NaN) / requests) * 1_000);
  return new Map(names.map((name) => [name, median(perRequest(name))]));
}

/** The ratio of one measure to another in the same round, as the median over the rounds. NaN if one is missing. */
export function ratio(
  samples: readonly Sample[],
  [measure, connections]: readonly [MeasureName, number],
  [limit, limitConnections]: readonly [MeasureName, number],
  figure: (sample: Sample) => number,
): number {
  const limits = samplesOf(samples, limit, limitConnections);
  return median(
    samplesOf(samples, measure, connections).map((sample) => {
      const beside = limits.find(({ round }) => round === sample.round);
      return beside === undefined ? NaN : figure(sample) / figure(beside);
    }),
  );
}

export function requestsPerCpuSecond(sample: Sample): number {
  return sample.requests / cpuOf(sample);
}

export function failuresOf({ failures }: Sample): number {
  return Object.values(failures).reduce((sum, count) => sum + count, 0);
}

function cpuOf({ cpuSeconds }: Sample): number {
  const all = Object.values(cpuSeconds);
  return all.length === 0 ? NaN : all.reduce((sum, seconds) => sum + seconds, 0);
}

function samplesOf(samples: readonly Sample[], measure: MeasureName, connections: number): Sample[] {
  return samples.filter((sample) => sample.measure === measure && sample.connections === connections);
}
