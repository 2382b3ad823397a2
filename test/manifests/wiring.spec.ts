import { keyPrefix, queueName } from '../../libs/jobs/src/queues';
import { z } from 'zod';
import { overlays } from '../../tools/manifests/rendered';
import { clusterOf, matches, selector, type Cluster } from './cluster';

const clusters = overlays.map(clusterOf);
const names = ['gateway', 'auth', 'billing', 'notification'];

const disruption = z.object({ spec: z.strictObject({ maxUnavailable: z.number(), selector }) });
const endpoint = z.object({ port: z.number(), targetPort: z.string() });
const service = z.object({ spec: z.object({ selector: z.record(z.string(), z.string()), ports: z.array(endpoint) }) });
const autoscaler = z.object({
  spec: z.object({
    scaleTargetRef: z.object({ name: z.string() }),
    minReplicas: z.number(),
    maxReplicas: z.number(),
  }),
});
const scaledObject = z.object({
  metadata: z.object({ name: z.string() }),
  spec: z.object({
    scaleTargetRef: z.object({ name: z.string() }),
    minReplicaCount: z.number(),
    triggers: z.array(z.object({ metadata: z.object({ listName: z.string() }) })),
  }),
});
const route = z.object({
  spec: z.object({
    rules: z.array(z.object({ host: z.string() })),
    tls: z.array(z.object({ hosts: z.array(z.string()) })),
  }),
});

const selectedBy = (cluster: Cluster, selects: (labels: Readonly<Record<string, string>>) => boolean) =>
  cluster.workloads.filter(({ template }) => selects(template.metadata.labels));

describe.each(clusters)('in $overlay', (cluster) => {
  it('each Service selects pods, and leads to ports that they open, but never to the management port', () => {
    expect(cluster.ofKind('Service').length).toBeGreaterThan(1);
    for (const manifest of cluster.ofKind('Service')) {
      const { spec } = service.parse(manifest);
      const pods = selectedBy(cluster, (labels) =>
        matches({ matchLabels: spec.selector, matchExpressions: [] }, labels),
      );
      const open = pods.flatMap(({ template }) =>
        template.spec.containers.flatMap(({ ports }) => ports.map((port) => port.name)),
      );
      expect({ name: manifest.metadata.name, pods: pods.length }).toEqual({ name: manifest.metadata.name, pods: 1 });
      for (const { targetPort } of spec.ports) expect(open).toContain(targetPort);
      expect(spec.ports.map((port) => port.targetPort)).not.toContain('management');
    }
  });

  it('each disruption budget selects one workload and lets a drain go on, also with one replica', () => {
    const budgets = cluster.ofKind('PodDisruptionBudget');
    for (const manifest of budgets) {
      // minAvailable: 1 with one replica blocks the drain of its node for good.
      const { spec } = disruption.parse(manifest);
      expect(spec.maxUnavailable).toBe(1);
      const selected = selectedBy(cluster, (labels) => matches(spec.selector, labels)).map(({ name }) => name);
      expect(selected).toEqual([manifest.metadata.name]);
    }
    expect(budgets.map(({ metadata }) => metadata.name)).toEqual(expect.arrayContaining(names));
  });

  it('each selector of a workload selects its own pods only', () => {
    for (const { name, selector: own } of cluster.workloads) {
      if (own === undefined) continue;
      expect(selectedBy(cluster, (labels) => matches(own, labels)).map((one) => one.name)).toEqual([name]);
    }
  });

  it('each service is replaced without a replica less, and spread over zones and nodes', () => {
    for (const name of names) {
      const { strategy, minReadySeconds, template } = cluster.workload(name);
      expect(strategy).toEqual({ type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } });
      expect(minReadySeconds).toBeGreaterThanOrEqual(5);
      expect(template.spec.topologySpreadConstraints).toEqual([
        { topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'ScheduleAnyway' },
        { topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'ScheduleAnyway' },
      ]);
    }
  });

  it('each service has its own ServiceAccount', () => {
    const accounts = cluster.ofKind('ServiceAccount').map(({ metadata }) => metadata.name);
    for (const name of [...names, 'migrate']) {
      expect(cluster.workload(name).template.spec.serviceAccountName).toBe(name);
      expect(accounts).toContain(name);
    }
  });
});

describe.each(clusters.filter(({ overlay }) => overlay !== 'development'))('in $overlay', (cluster) => {
  const autoscalers = cluster.ofKind('HorizontalPodAutoscaler').map((manifest) => autoscaler.parse(manifest).spec);
  const scaled = cluster.ofKind('ScaledObject').map((manifest) => scaledObject.parse(manifest));

  it('each service has at least two replicas, given either by its Deployment or by one autoscaler', () => {
    for (const name of names) {
      const least = [
        ...autoscalers.flatMap((one) => (one.scaleTargetRef.name === name ? [one.minReplicas] : [])),
        ...scaled.flatMap(({ spec }) => (spec.scaleTargetRef.name === name ? [spec.minReplicaCount] : [])),
        // kubectl apply would reset what the autoscaler set.
        ...[cluster.workload(name).replicas ?? []].flat(),
      ];
      expect({ name, least }).toEqual({ name, least: [2] });
    }
  });

  it('trusts proxies by their network, because a number lets users forge their IP address if a proxy is missing', () => {
    const trusted = [...cluster.settings.values()].flatMap((data) => data['TRUST_PROXY'] ?? []);
    expect(trusted).toEqual([expect.stringMatching(/^\d+(\.\d+){3}\/\d+$/)]);
  });

  it('the Ingress serves the host of PUBLIC_URL with its certificate', () => {
    const [settings] = cluster.settings.values();
    const url = [...cluster.settings.values()].flatMap((data) => data['PUBLIC_URL'] ?? []);
    expect(settings).toBeDefined();
    const [ingress] = cluster.ofKind('Ingress').map((manifest) => route.parse(manifest).spec);
    const hosts = url.map((text) => new URL(text).host);
    expect(hosts).toHaveLength(1);
    expect(ingress?.rules.map(({ host }) => host)).toEqual(hosts);
    expect(ingress?.tls.flatMap((one) => one.hosts)).toEqual(hosts);
  });
});

it('KEDA counts what waits in the lists that the services read', () => {
  const lists = clusterOf('everything')
    .ofKind('ScaledObject')
    .flatMap((manifest) => scaledObject.parse(manifest).spec.triggers.map(({ metadata }) => metadata.listName));
  const waiting = (['events', 'jobs'] as const).map((kind) => `${keyPrefix}:${queueName('notification', kind)}:wait`);
  expect(lists).toEqual(['rpc:{billing}:requests', 'rpc:{notification}:requests', ...waiting]);
});

it('Redis never deletes queued work to make room, and the fork that rewrites its log has memory', () => {
  for (const overlay of ['production', 'everything']) {
    const cluster = clusterOf(overlay);
    const config = [...cluster.settings.values()].flatMap((data) => data['redis.conf'] ?? []).join('');
    expect(config).toMatch(/^maxmemory-policy noeviction$/m);
    expect(config).toMatch(/^min-replicas-to-write 1$/m);
    const [, most] = /^maxmemory (\d+)mb$/m.exec(config) ?? [];
    const [redis] = cluster.workload('redis').template.spec.containers;
    expect(Number.parseInt(redis?.resources.limits.memory ?? '', 10)).toBeGreaterThanOrEqual(2 * Number(most));
  }
});
