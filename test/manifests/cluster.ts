import { z } from 'zod';
import { readRendered } from '../../tools/manifests/rendered';

const labels = z.record(z.string(), z.string()).default({});
const action = z.object({
  httpGet: z.object({ path: z.string(), port: z.union([z.string(), z.number()]) }).optional(),
  tcpSocket: z.object({ port: z.union([z.string(), z.number()]) }).optional(),
  exec: z.object({ command: z.array(z.string()) }).optional(),
  periodSeconds: z.number().default(10),
  timeoutSeconds: z.number().default(1),
  failureThreshold: z.number().default(3),
});
const variable = z.object({
  name: z.string(),
  value: z.string().optional(),
  valueFrom: z
    .strictObject({
      configMapKeyRef: z.object({ name: z.string(), key: z.string(), optional: z.boolean().default(false) }),
    })
    .optional(),
});
const amounts = z.object({ cpu: z.string().optional(), memory: z.string(), 'ephemeral-storage': z.string() });
const container = z.object({
  name: z.string(),
  image: z.string(),
  command: z.array(z.string()).default([]),
  args: z.array(z.string()).default([]),
  env: z.array(variable).default([]),
  ports: z.array(z.object({ name: z.string(), containerPort: z.number(), protocol: z.string() })).default([]),
  resources: z.object({ requests: amounts, limits: amounts }),
  securityContext: z.object({
    allowPrivilegeEscalation: z.boolean(),
    readOnlyRootFilesystem: z.boolean(),
    privileged: z.boolean().default(false),
    capabilities: z.object({ drop: z.array(z.string()), add: z.array(z.string()).default([]) }),
  }),
  lifecycle: z.object({ preStop: z.object({ sleep: z.object({ seconds: z.number() }) }) }).optional(),
  startupProbe: action.optional(),
  readinessProbe: action.optional(),
  livenessProbe: action.optional(),
  volumeMounts: z
    .array(z.object({ name: z.string(), mountPath: z.string(), readOnly: z.boolean().default(false) }))
    .default([]),
});
const mountedSecret = z.object({
  name: z.string(),
  optional: z.boolean().default(false),
  items: z.array(z.object({ key: z.string(), path: z.string() })).optional(),
});
const volume = z.strictObject({
  name: z.string(),
  emptyDir: z.object({ sizeLimit: z.string(), medium: z.string().optional() }).optional(),
  configMap: z.object({ name: z.string() }).optional(),
  persistentVolumeClaim: z.object({ claimName: z.string() }).optional(),
  secret: z.object({ secretName: z.string(), defaultMode: z.number() }).optional(),
  projected: z
    .object({ defaultMode: z.number(), sources: z.array(z.strictObject({ secret: mountedSecret })) })
    .optional(),
});
const pod = z.object({
  serviceAccountName: z.string().default('default'),
  automountServiceAccountToken: z.boolean().optional(),
  enableServiceLinks: z.boolean().optional(),
  hostNetwork: z.boolean().default(false),
  hostPID: z.boolean().default(false),
  hostIPC: z.boolean().default(false),
  terminationGracePeriodSeconds: z.number().default(30),
  securityContext: z.object({
    runAsNonRoot: z.boolean(),
    runAsUser: z.number(),
    fsGroup: z.number().optional(),
    seccompProfile: z.object({ type: z.string() }),
  }),
  topologySpreadConstraints: z.array(z.object({ topologyKey: z.string(), whenUnsatisfiable: z.string() })).default([]),
  initContainers: z.array(container).default([]),
  containers: z.array(container).min(1),
  volumes: z.array(volume).default([]),
});
const template = z.object({ metadata: z.object({ labels }), spec: pod });

export const selector = z.object({
  matchLabels: labels,
  matchExpressions: z
    .array(z.object({ key: z.string(), operator: z.literal('In'), values: z.array(z.string()) }))
    .default([]),
});
const manifest = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.object({ name: z.string(), namespace: z.string().optional(), labels, annotations: labels }),
});
const controller = z.object({
  replicas: z.number().optional(),
  minReadySeconds: z.number().default(0),
  strategy: z
    .object({ type: z.string(), rollingUpdate: z.object({ maxUnavailable: z.number(), maxSurge: z.number() }) })
    .optional(),
  selector: selector.optional(),
  template,
});
const scheduled = z.object({ jobTemplate: z.object({ spec: z.object({ template }) }) });
const configMap = z.looseObject({ kind: z.literal('ConfigMap'), data: z.record(z.string(), z.string()) });

export type Manifest = z.output<typeof manifest>;
export type Selector = z.output<typeof selector>;
export type Container = z.output<typeof container>;
export type Workload = z.output<typeof controller> & { readonly kind: string; readonly name: string };

const workloadKinds = ['Deployment', 'StatefulSet', 'Job', 'CronJob'];

export function matches({ matchLabels, matchExpressions }: Selector, given: Readonly<Record<string, string>>): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => given[key] === value) &&
    matchExpressions.every(({ key, values }) => values.includes(given[key] ?? ''))
  );
}

const read = new Map<string, Cluster>();

/** What `kubectl apply -k` of the overlay brings into a cluster. */
export function clusterOf(overlay: string): Cluster {
  const known = read.get(overlay) ?? clusterIn(overlay);
  read.set(overlay, known);
  return known;
}

function clusterIn(overlay: string) {
  const manifests = z.array(manifest).parse(readRendered(overlay));
  const ofKind = (kind: string) => manifests.filter((one) => one.kind === kind);
  const workloads = manifests.filter(({ kind }) => workloadKinds.includes(kind)).map(workloadIn);
  return {
    overlay,
    manifests,
    ofKind,
    workloads,
    workload: (name: string): Workload => {
      const found = workloads.find((one) => one.name === name);
      if (found === undefined) throw new Error(`${overlay} has no workload ${name}`);
      return found;
    },
    settings: new Map(ofKind('ConfigMap').map((one) => [one.metadata.name, configMap.parse(one).data])),
  };
}

function workloadIn({ kind, metadata: { name }, ['spec']: spec }: Manifest): Workload {
  const own = kind === 'CronJob' ? scheduled.parse(spec).jobTemplate.spec : spec;
  return { kind, name: name.replace(/^migrate-.*/, 'migrate'), ...controller.parse(own) };
}

export type Cluster = ReturnType<typeof clusterIn>;
