import { logger } from '#libs/observability';
import { Inject, Injectable } from '@nestjs/common';
import { HealthIndicatorService } from '@nestjs/terminus';
import { Readiness } from './readiness';

/** Checks a dependency: resolves if it responds and rejects if it does not. The resolved value is ignored. */
export type HealthCheck = () => Promise<unknown>;
export type HealthChecks = Readonly<Record<string, HealthCheck>>;
export const healthChecks = Symbol('health checks');

export interface CheckResult {
  readonly status: 'ok' | 'error';
  readonly latencyMs: number;
}

export interface Health {
  readonly status: 'ok' | 'error' | 'starting' | 'draining';
  readonly checks: Readonly<Record<string, CheckResult>>;
}

/** Less than one second, the default timeout of a Kubernetes probe. */
const timeoutMs = 800;

@Injectable()
export class HealthService {
  private readonly failing = new Set<string>();

  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly readiness: Readiness,
    @Inject(healthChecks) private readonly checks: () => HealthChecks,
  ) {}

  async current(): Promise<Health> {
    const { state } = this.readiness;
    if (state === 'starting') return { status: 'starting', checks: {} };
    const results = await Promise.all(
      Object.entries(this.checks()).map(async ([name, check]) => [name, await this.run(name, check)] as const),
    );
    const isWell = results.every(([, { status }]) => status === 'ok');
    return { status: state === 'draining' ? 'draining' : isWell ? 'ok' : 'error', checks: Object.fromEntries(results) };
  }

  private async run(name: string, check: HealthCheck): Promise<CheckResult> {
    const results = await this.indicators
      .check(name)
      .attempt(async () => void (await check()))
      .withTimeout(timeoutMs);
    const result: { status?: string; responseTime?: number; message?: unknown } | undefined = results[name];
    const isUp = result?.status === 'up';
    this.tellChange(name, isUp, result?.message);
    return { status: isUp ? 'ok' : 'error', latencyMs: result?.responseTime ?? 0 };
  }

  /** Logs one line when the check starts to fail and one when it passes again, however often it runs. */
  private tellChange(name: string, isUp: boolean, reason: unknown): void {
    if (isUp && this.failing.delete(name)) logger().info({ check: name }, 'health check passes again');
    if (isUp || this.failing.has(name)) return;
    this.failing.add(name);
    logger().warn({ check: name, reason }, 'health check fails');
  }
}
