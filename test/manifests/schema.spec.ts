import { Ajv } from 'ajv';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '#libs/local';
import { z } from 'zod';
import { isCurrent, overlays } from '../../tools/manifests/rendered';
import { clusterOf, type Manifest } from './cluster';

const { kinds, definitions } = z
  .object({ kinds: z.record(z.string(), z.string()), definitions: z.record(z.string(), z.unknown()) })
  .parse(JSON.parse(readFileSync(join(root, 'tools', 'manifests', 'kubernetes-1.36.json'), 'utf8')));
const ajv = new Ajv({ allErrors: true, strict: false, validateFormats: false }).addSchema(
  { definitions },
  'kubernetes',
);

/** Kinds that an operator brings, each in a component of its own. Kubernetes itself doesn't know them. */
const custom: Readonly<Record<string, string>> = {
  'cert-manager.io/v1/Issuer': 'cert-manager',
  'keda.sh/v1alpha1/ScaledObject': 'keda',
  'keda.sh/v1alpha1/TriggerAuthentication': 'keda',
  'monitoring.coreos.com/v1/PodMonitor': 'monitoring',
  'external-secrets.io/v1/ExternalSecret': 'external-secrets',
  'postgresql.cnpg.io/v1/Cluster': 'cloudnative-pg',
  'postgresql.cnpg.io/v1/ScheduledBackup': 'cloudnative-pg',
  'barmancloud.cnpg.io/v1/ObjectStore': 'cloudnative-pg',
};
const typeOf = ({ apiVersion, kind }: Manifest) => `${apiVersion}/${kind}`;

function faultsOf(manifest: Manifest): string[] {
  const validate = ajv.getSchema(`kubernetes#/definitions/${kinds[typeOf(manifest)] ?? ''}`);
  if (validate === undefined) return [`${typeOf(manifest)} is unknown`];
  void validate(manifest);
  return (validate.errors ?? []).map(
    ({ instancePath, message }) => `${manifest.metadata.name}${instancePath} ${message ?? ''}`,
  );
}

it('has an overlay for each environment', () => {
  expect(overlays).toEqual(['development', 'everything', 'production', 'staging']);
});

describe.each(overlays)('the overlay %s', (overlay) => {
  const { manifests } = clusterOf(overlay);
  const native = manifests.filter((manifest) => custom[typeOf(manifest)] === undefined);

  it('was rendered after the last change in k8s/', () => {
    expect(isCurrent(overlay)).toBe(true);
  });

  it('fits the strict schema of each kind', () => {
    expect(native.length).toBeGreaterThan(20);
    expect(native.flatMap(faultsOf)).toEqual([]);
  });

  it('names each object once', () => {
    const names = manifests.map((manifest) => `${typeOf(manifest)} ${manifest.metadata.name}`);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  it('puts everything into its namespace', () => {
    const [own = ''] = manifests.flatMap(({ kind, metadata }) => (kind === 'Namespace' ? [metadata.name] : []));
    const elsewhere = manifests.filter(({ kind, metadata }) => kind !== 'Namespace' && metadata.namespace !== own);
    expect(elsewhere.map(({ metadata }) => metadata.name)).toEqual([]);
  });
});

it('refuses a field that Kubernetes does not know, or a value of another type', () => {
  const [deployment] = clusterOf('production').ofKind('Deployment');
  if (deployment === undefined) throw new Error('production has no Deployment');
  expect(faultsOf({ ...deployment, spec: { replica: 2 } })).not.toEqual([]);
  expect(
    faultsOf({ ...deployment, spec: { ...z.object({}).loose().parse(deployment['spec']), replicas: '2' } }),
  ).toEqual([expect.stringContaining('/spec/replicas must be')]);
});

it('needs no operator in development, and only cert-manager in staging and production', () => {
  const operators = (overlay: string) =>
    new Set(clusterOf(overlay).manifests.flatMap((manifest) => custom[typeOf(manifest)] ?? []));
  expect(operators('development')).toEqual(new Set());
  expect(operators('staging')).toEqual(new Set(['cert-manager']));
  expect(operators('production')).toEqual(new Set(['cert-manager']));
  expect(operators('everything')).toEqual(new Set(Object.values(custom)));
});
