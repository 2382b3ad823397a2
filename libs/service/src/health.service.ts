import { gauge, logger } from '#libs/observability';
import { Inject, Injectable } from '@nestjs/common';
import { HealthIndicatorService } from '@nestjs/terminus';
import { Readiness } from './readiness';

/** Checks a dependency: resolves if it responds and rejects if it does not. The resolved value is ignored. */
export type HealthCheck = () => Promise<unknown>;
export type HealthChecks = Readonly<Record<string, HealthCheck>>;
export const healthChecks = Symbol('health checks');
export const outageTolerance = Symbol('outage tolerance');

export interface CheckResult {
  readonly status: 'ok' | 'error';
  readonly latencyMs: number;
}

export interface Health {
  /** `degraded`: a dependency doesn't respond, but has not been away long enough to take the replica out. */
  readonly status: 'ok' | 'degraded' | 'error' | 'starting' | 'draining';
  readonly checks: Readonly<Record<string, CheckResult>>;
}

const dependencyUp = gauge('dependency_up', 'Whether a dependency responded to the last health check: 1 or 0.', [
  'name',
]);

/** Less than one second, the default timeout of a Kubernetes probe. */
const timeoutMs = 800;

@Injectable()
export class HealthService {
  /** When each failing check failed first, by `performance.now()`. */
  private readonly failing = new Map<string, number>();

  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly readiness: Readiness,
    @Inject(healthChecks) private readonly checks: () => HealthChecks,
    @Inject(outageTolerance) private readonly toleranceMs: number,
  ) {}

  async current(): Promise<Health> {
    const { state } = this.readiness;
    if (state === 'starting') return { status: 'starting', checks: {} };
    const results = await Promise.all(
      Object.entries(this.checks()).map(async ([name, check]) => [name, await this.run(name, check)] as const),
    );
    return { status: state === 'draining' ? 'draining' : this.overall(), checks: Object.fromEntries(results) };
  }

  /** A slow database that every replica shares must not take all of them out at once. */
  private overall(): 'ok' | 'degraded' | 'error' {
    if (this.failing.size === 0) return 'ok';
    return performance.now() - Math.min(...this.failing.values()) < this.toleranceMs ? 'degraded' : 'error';
  }

  private async run(name: string, check: HealthCheck): Promise<CheckResult> {
    const results = await this.indicators
      .check(name)
      .attempt(async () => void (await check()))
      .withTimeout(timeoutMs);
    const result: { status?: string; responseTime?: number; message?: unknown } | undefined = results[name];
    const isUp = result?.status === 'up';
    dependencyUp.set({ name }, isUp ? 1 : 0);
    this.tellChange(name, isUp, result?.message);
    return { status: isUp ? 'ok' : 'error', latencyMs: result?.responseTime ?? 0 };
  }

  /** Logs one line when the check starts to fail and one when it passes again, however often it runs. */
  private tellChange(name: string, isUp: boolean, reason: unknown): void {
    if (isUp && this.failing.delete(name)) logger().info({ check: name }, 'health check passes again');
    if (isUp || this.failing.has(name)) return;
    this.failing.set(name, performance.now());
    logger().warn({ check: name, reason }, 'health check fails');
  }
}
