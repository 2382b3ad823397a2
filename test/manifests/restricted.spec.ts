import { overlays } from '../../tools/manifests/rendered';
import { clusterOf, type Cluster } from './cluster';

// https://kubernetes.io/docs/concepts/security/pod-security-standards/ and the rules of kube-linter and kube-score.
const clusters = overlays.map(clusterOf);
const podsOf = (cluster: Cluster) =>
  cluster.workloads.map(({ name, kind, template }) => ({ name, kind, pod: template.spec }));
const containersOf = (cluster: Cluster) =>
  podsOf(cluster).flatMap(({ name, kind, pod }) =>
    [...pod.initContainers, ...pod.containers].map((container) => ({ name, kind, pod, container })),
  );

describe.each(clusters)('each pod of $overlay', (cluster) => {
  it('keeps the restricted policy, which its namespace enforces', () => {
    const [namespace] = cluster.ofKind('Namespace');
    expect(namespace?.metadata.labels['pod-security.kubernetes.io/enforce']).toBe('restricted');
    for (const { name, pod } of podsOf(cluster)) {
      const { runAsUser, runAsNonRoot, seccompProfile } = pod.securityContext;
      expect({ name, runAsNonRoot, isRoot: runAsUser === 0, profile: seccompProfile.type }).toEqual({
        name,
        runAsNonRoot: true,
        isRoot: false,
        profile: 'RuntimeDefault',
      });
      expect([pod.hostNetwork, pod.hostPID, pod.hostIPC]).toEqual([false, false, false]);
    }
    for (const { name, container } of containersOf(cluster))
      expect({ name, ...container.securityContext }).toEqual({
        name,
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        privileged: false,
        capabilities: { drop: ['ALL'], add: [] },
      });
  });

  it('holds no token for the Kubernetes API, and gets no variables of other Services', () => {
    for (const { name, pod } of podsOf(cluster))
      expect({ name, token: pod.automountServiceAccountToken, links: pod.enableServiceLinks }).toEqual({
        name,
        token: false,
        links: false,
      });
  });

  it('has a memory limit equal to its request, a CPU request, and no CPU limit', () => {
    for (const { name, container } of containersOf(cluster)) {
      const { requests, limits } = container.resources;
      expect({ name, memory: limits.memory, cpu: requests.cpu }).toEqual({
        name,
        memory: requests.memory,
        cpu: expect.stringMatching(/^\d+m$/),
      });
      expect(limits.cpu).toBeUndefined();
    }
  });

  it('runs an image with a version, and never latest', () => {
    for (const { container } of containersOf(cluster)) expect(container.image).toMatch(/^[\w./-]+:(?!latest$)[\w.-]+$/);
  });

  it('has a readiness probe and another liveness probe, if it runs for long', () => {
    const lasting = containersOf(cluster).filter(({ kind }) => kind === 'Deployment' || kind === 'StatefulSet');
    expect(lasting.length).toBeGreaterThanOrEqual(6);
    for (const { name, container } of lasting) {
      expect({ name, ready: container.readinessProbe, live: container.livenessProbe }).toEqual({
        name,
        ready: expect.anything(),
        live: expect.anything(),
      });
      expect(container.readinessProbe).not.toEqual(container.livenessProbe);
    }
  });

  it('sets each variable, port, and mount once', () => {
    for (const { container } of containersOf(cluster)) {
      const names = [container.env, container.ports, container.volumeMounts].flatMap((list) =>
        list.map(({ name }) => name),
      );
      expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
    }
  });

  it('reads secrets from files that only its own group can read, and never from variables', () => {
    for (const { name, pod } of podsOf(cluster)) {
      const modes = pod.volumes.flatMap(({ secret, projected }) => (secret ?? projected)?.defaultMode ?? []);
      expect({ name, modes: modes.filter((mode) => mode !== 0o440) }).toEqual({ name, modes: [] });
      if (modes.length > 0) expect(pod.securityContext.fsGroup).toBe(pod.securityContext.runAsUser);
    }
  });

  it('mounts only volumes that it has, and bounds each temporary folder', () => {
    for (const { name, kind, container, pod } of containersOf(cluster)) {
      // A StatefulSet has a template for the volume of each replica.
      const known = [...pod.volumes.map((volume) => volume.name), ...(kind === 'StatefulSet' ? ['data'] : [])];
      expect({ name, unknown: container.volumeMounts.filter((mount) => !known.includes(mount.name)) }).toEqual({
        name,
        unknown: [],
      });
    }
  });
});

it.each(clusters)('$overlay holds no Secret, because everyone who reads the repository could read it', (cluster) => {
  expect(cluster.ofKind('Secret')).toEqual([]);
});
