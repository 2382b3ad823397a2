import { overlays } from '../../tools/manifests/rendered';
import { clusterOf } from './cluster';
import { allows, type End } from './network';

const names = ['gateway', 'auth', 'billing', 'notification'];
const dns: End = { namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } };
const internet: End = { network: '203.0.113.0/24' };
const cloudMetadata: End = { network: '169.254.0.0/16' };

describe.each(overlays.map(clusterOf))('the network policies of $overlay', (cluster) => {
  const podOf = (name: string): End => ({ labels: cluster.workload(name).template.metadata.labels });
  const isAllowed = (from: End, to: End, port: number, rest: { portName?: string; protocol?: 'UDP' } = {}) =>
    allows(cluster, { from, to, port, ...rest });
  const all = cluster.workloads.map(({ name }) => name);

  it('let every pod ask for names, over UDP and over TCP', () => {
    for (const name of all) {
      expect(isAllowed(podOf(name), dns, 53, { protocol: 'UDP' })).toBe(true);
      expect(isAllowed(podOf(name), dns, 53)).toBe(true);
    }
  });

  it('let the services talk to each other only through Redis', () => {
    for (const from of names)
      for (const to of names.filter((name) => name !== from))
        for (const [port, portName] of [
          [3000, 'http'],
          [9464, 'management'],
        ] as const)
          expect({ from, to, port, is: isAllowed(podOf(from), podOf(to), port, { portName }) }).toEqual({
            from,
            to,
            port,
            is: false,
          });
  });

  it('let each service reach Redis, and each service and migrate PostgreSQL', () => {
    const isManaged = cluster
      .ofKind('NetworkPolicy')
      .some(({ metadata }) => metadata.name === 'allow-managed-postgresql');
    const inCluster = cluster.ofKind('Cluster').length > 0 ? { labels: { 'cnpg.io/cluster': 'postgres' } } : undefined;
    const postgres = isManaged ? { network: '10.0.0.0/8' } : (inCluster ?? podOf('postgres'));
    for (const name of [...names, 'migrate']) expect(isAllowed(podOf(name), postgres, 5432)).toBe(true);
    for (const name of names) expect(isAllowed(podOf(name), podOf('redis'), 6379)).toBe(true);
    expect(isAllowed(podOf('migrate'), podOf('redis'), 6379)).toBe(false);
  });

  it('let auth, billing, and notification out to the internet, but nowhere near the cloud’s metadata', () => {
    const out = all.filter((name) => isAllowed(podOf(name), internet, 443));
    expect(out.filter((name) => name !== 'backup').toSorted()).toEqual(['auth', 'billing', 'notification']);
    for (const name of all) expect(isAllowed(podOf(name), cloudMetadata, 443)).toBe(false);
    expect(all.filter((name) => isAllowed(podOf(name), internet, 465))).toEqual(['notification']);
  });

  it('let the ingress controller reach the gateway’s API, and nothing else', () => {
    const controller: End = { namespace: 'traefik', labels: {} };
    const hasIngress = cluster.ofKind('Ingress').length > 0;
    expect(isAllowed(controller, podOf('gateway'), 3000, { portName: 'http' })).toBe(hasIngress);
    for (const name of all) {
      expect(isAllowed(controller, podOf(name), 9464, { portName: 'management' })).toBe(false);
      expect(isAllowed({ namespace: 'default', labels: {} }, podOf(name), 3000, { portName: 'http' })).toBe(false);
    }
  });

  it('let Prometheus reach the management ports, if it scrapes them', () => {
    const prometheus: End = { namespace: 'monitoring', labels: { 'app.kubernetes.io/name': 'prometheus' } };
    const scrapes = cluster.ofKind('PodMonitor').length > 0;
    for (const name of names)
      expect(isAllowed(prometheus, podOf(name), 9464, { portName: 'management' })).toBe(scrapes);
  });
});

it('let the Sentinels and servers of Redis find each other', () => {
  const cluster = clusterOf('production');
  const redis: End = { labels: cluster.workload('redis').template.metadata.labels };
  for (const port of [6379, 26379]) expect(allows(cluster, { from: redis, to: redis, port })).toBe(true);
});
