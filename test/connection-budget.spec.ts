import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '#libs/local';
import { parse } from 'yaml';
import { z } from 'zod';
import { service as auth } from '../apps/auth/src/index';
import { service as billing } from '../apps/billing/src/index';
import { service as gateway } from '../apps/gateway/src/index';
import { service as notification } from '../apps/notification/src/index';
import { clusterOf, type Cluster } from './manifests/cluster';

const services = [gateway, auth, billing, notification];
/** PostgreSQL keeps some for a superuser. Migrations, a backup, an exporter, and an operator need the others. */
const others = { reserved: 3, migrate: 1, backup: 5, exporter: 1, operator: 2 };

/** Each listener holds a connection of its own: one for events, and one in the gateway for revoked sessions. */
function listenersOf({ name, variables }: (typeof services)[number]): number {
  return (variables.includes('FIELD_ENCRYPTION_KEY') ? 1 : 0) + (name === 'gateway' ? 1 : 0);
}

interface Deployed {
  readonly poolSize: number;
  /** While the service is replaced. */
  readonly mostReplicas: number;
}

function budgetOf(deployed: (name: string) => Deployed): number {
  const own = services.map((service) => {
    const { poolSize, mostReplicas } = deployed(service.name);
    return mostReplicas * (poolSize + listenersOf(service));
  });
  return [...own, ...Object.values(others)].reduce((sum, connections) => sum + connections, 0);
}

const compose = z.object({
  services: z.record(
    z.string(),
    z.object({
      command: z.union([z.string(), z.array(z.string())]).optional(),
      environment: z.record(z.string(), z.unknown()).default({}),
      deploy: z.object({ replicas: z.number() }).default({ replicas: 1 }),
    }),
  ),
});
const limits = z.object({ spec: z.looseObject({ scaleTargetRef: z.object({ name: z.string() }) }) });

function deployedIn(cluster: Cluster): (name: string) => Deployed {
  const most = new Map(
    [...cluster.ofKind('HorizontalPodAutoscaler'), ...cluster.ofKind('ScaledObject')].map((manifest) => {
      const { scaleTargetRef, maxReplicas, maxReplicaCount } = limits.parse(manifest).spec;
      return [scaleTargetRef.name, Number(maxReplicas ?? maxReplicaCount)];
    }),
  );
  return (name) => {
    const { template, replicas = 1, strategy } = cluster.workload(name);
    const size = template.spec.containers[0]?.env.find((variable) => variable.name === 'DATABASE_POOL_SIZE')?.value;
    return {
      poolSize: Number(size),
      mostReplicas: (most.get(name) ?? replicas) + (strategy?.rollingUpdate.maxSurge ?? 0),
    };
  };
}

function mostConnectionsIn(overlay: string): number {
  const text = readFileSync(join(root, 'k8s', 'rendered', `${overlay}.yaml`), 'utf8');
  const [, most] = /max_connections(?:=|: ")(\d+)/.exec(text) ?? [];
  return Number(most);
}

const scalingPage = readFileSync(join(root, 'docs', 'scaling.md'), 'utf8');

describe('old and new replicas together stay below 90 % of max_connections', () => {
  it('with Docker Compose, while each service is replaced', () => {
    const text = readFileSync(join(root, 'docker-compose.prod.yml'), 'utf8');
    const { services: containers } = compose.parse(parse(text, { merge: true }));
    const most = /max_connections=(\d+)/.exec(text)?.[1];
    // scripts/deploy.sh replaces one service at a time. It starts all new replicas before it stops the old ones.
    const replicas = (name: string) => containers[name]?.deploy.replicas ?? 0;
    const budgets = services.map(({ name: replaced }) =>
      budgetOf((name) => ({
        poolSize: Number(containers[name]?.environment['DATABASE_POOL_SIZE']),
        mostReplicas: replicas(name) * (name === replaced ? 2 : 1),
      })),
    );
    expect(scalingPage).toContain(`= ${Math.max(...budgets)} `);
    expect(Math.max(...budgets)).toBeLessThan(0.9 * Number(most));
  });

  it.each(['development', 'everything'])('with the PostgreSQL of %s, at the most replicas', (overlay) => {
    const budget = budgetOf(deployedIn(clusterOf(overlay)));
    expect(budget).toBeGreaterThan(30);
    if (overlay === 'everything') expect(scalingPage).toContain(`= ${budget} `);
    expect(budget).toBeLessThan(0.9 * mostConnectionsIn(overlay));
  });

  it('with the managed PostgreSQL that docs/deployment.md asks for', () => {
    const page = readFileSync(join(root, 'docs', 'deployment.md'), 'utf8');
    const [, most] = /`max_connections` of at least (\d+)/.exec(page) ?? [];
    const budget = budgetOf(deployedIn(clusterOf('production')));
    expect(scalingPage).toContain(`= ${budget} `);
    expect(budget).toBeLessThan(0.9 * Number(most));
  });
});
