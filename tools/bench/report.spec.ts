import { cellOf, cpuByProcess, ratio, requestsPerCpuSecond, type Measurements, type Sample } from './measurements';
import { report } from './report';

function aSample(overrides: Partial<Sample>): Sample {
  return {
    ...{ measure: 'me', connections: 16, round: 1, requests: 1_000, requestsPerSecond: 200, failures: {} },
    ...{ latency: { p50: 1, p95: 2, p99: 3 }, cpuSeconds: { gateway: 1, auth: 1 } },
    ...overrides,
  };
}

function measurements(overrides: Partial<Measurements>): Measurements {
  return {
    ...{ machine: { cores: 2, model: 'Test CPU', node: '24.0.0', platform: 'linux x64' }, rounds: 3, seconds: 5 },
    ...{ connections: [16], samples: [], memory: {}, startedInSeconds: undefined },
    ...overrides,
  };
}

describe('the summary of the rounds', () => {
  it('is the median of each figure, so that one slow round does not count', () => {
    const samples = [100, 300, 290].map((requestsPerSecond, index) => aSample({ round: index + 1, requestsPerSecond }));
    expect(cellOf(samples, 'me', 16)).toMatchObject({ requestsPerSecond: 290, p99: 3, cpuSecondsPer1000: 2 });
  });

  it('counts the failures of all rounds and kinds', () => {
    const samples = [aSample({ failures: { 503: 2 } }), aSample({ round: 2, failures: { 429: 1, connection: 4 } })];
    expect(cellOf(samples, 'me', 16)?.failures).toBe(7);
  });

  it('is undefined for a cell that was not measured', () => {
    expect(cellOf([aSample({})], 'me', 64)).toBeUndefined();
    expect(cellOf([aSample({})], 'login', 16)).toBeUndefined();
  });

  it('contains the CPU time of each process per request', () => {
    const samples = [aSample({ cpuSeconds: { gateway: 0.5, auth: 0.25 } })];
    expect(cpuByProcess(samples, 'me', 16)).toEqual(
      new Map([
        ['gateway', 0.5],
        ['auth', 0.25],
      ]),
    );
  });
});

describe('a ratio to the bare limit', () => {
  it('compares within each round, so that a slow moment affects both sides', () => {
    const samples = [1, 10].flatMap((slowness, index) => [
      aSample({ round: index + 1, cpuSeconds: { gateway: 2 * slowness } }),
      aSample({ round: index + 1, measure: 'bare', cpuSeconds: { bare: slowness } }),
    ]);
    expect(ratio(samples, ['me', 16], ['bare', 16], requestsPerCpuSecond)).toBe(0.5);
  });

  it('is NaN if the limit was not measured', () => {
    expect(ratio([aSample({})], ['me', 16], ['bare', 16], requestsPerCpuSecond)).toBeNaN();
  });
});

describe('the report', () => {
  const pss = (megabytes: number) => ({ bytes: megabytes * 1_000_000, kind: 'pss' as const });

  it('aligns its columns', () => {
    const samples = [aSample({}), aSample({ measure: 'bare', requestsPerSecond: 12_345 })];
    const lines = report(measurements({ samples }))
      .split('\n')
      .filter((line) => /users\/me|SELECT|^request/.test(line));
    const ends = lines.slice(0, 3).map((line) => line.length);
    expect(new Set(ends).size).toBe(1);
  });

  it('names the targets that are met and missed', () => {
    const samples = [
      aSample({ cpuSeconds: { gateway: 3 } }),
      aSample({ measure: 'bare', cpuSeconds: { bare: 1 } }),
      aSample({ measure: 'login', requestsPerSecond: 95 }),
      aSample({ measure: 'argon2', connections: 2, requestsPerSecond: 100, latency: undefined }),
    ];
    const memory = { gateway: pss(200), auth: pss(200), billing: pss(100), notification: pss(100), postgres: pss(900) };
    const text = report(measurements({ samples, memory, startedInSeconds: 4.2 }));
    expect(text).toMatch(/users\/me per CPU-second.* 16 +0\.33 +≥ 0\.5 +MISSED/);
    expect(text).toMatch(/login\/s .* 16 +0\.95 +≥ 0\.9 +met/);
    expect(text).toMatch(/memory after the load, PSS, MB +600 +< 450 +MISSED/);
    expect(text).toMatch(/to healthy, s +4\.2 +≤ 10 +met/);
  });

  it('does not apply the target for all cores to a single caller', () => {
    const samples = [
      aSample({ measure: 'login', connections: 1, requestsPerSecond: 45 }),
      aSample({ measure: 'argon2', connections: 2, requestsPerSecond: 100, latency: undefined }),
    ];
    expect(report(measurements({ samples, connections: [1] }))).toMatch(/login\/s .* 1 +0\.45$/m);
  });

  it('says if memory is not the proportional size', () => {
    const memory = { gateway: { bytes: 1_000_000, kind: 'rss' as const } };
    expect(report(measurements({ memory }))).toContain('memory after the load, RSS, MB');
  });

  it('omits what could not be measured', () => {
    const text = report(measurements({ samples: [aSample({ cpuSeconds: {} })] }));
    expect(text).toMatch(/GET \/users\/me .* –$/m);
    expect(text).not.toMatch(/NaN|undefined|aims/);
  });
});
