import { z } from 'zod';
import { matches, selector, type Cluster, type Selector } from './cluster';

const open = { matchLabels: {}, matchExpressions: [] };
const peer = z.strictObject({
  podSelector: selector.optional(),
  namespaceSelector: selector.optional(),
  ipBlock: z.object({ cidr: z.string(), except: z.array(z.string()).default([]) }).optional(),
});
const port = z.object({ protocol: z.enum(['TCP', 'UDP']), port: z.union([z.string(), z.number()]) });
const rule = z
  .object({ ports: z.array(port).optional(), from: z.array(peer).optional(), to: z.array(peer).optional() })
  .transform(({ ports, from, to }) => ({ ports, peers: from ?? to }));
const policy = z.object({
  podSelector: selector,
  policyTypes: z.array(z.enum(['Ingress', 'Egress'])),
  ingress: z.array(rule).default([]),
  egress: z.array(rule).default([]),
});
type Rule = z.output<typeof rule>;

/** One end of a connection: a pod of the overlay's namespace, one of another namespace, or an IP address outside. */
export interface End {
  readonly labels?: Readonly<Record<string, string>>;
  readonly namespace?: string;
  /** The network that holds the end, as a policy writes it. */
  readonly network?: string;
}

export interface Connection {
  readonly from: End;
  readonly to: End;
  readonly port: number;
  readonly portName?: string;
  readonly protocol?: 'TCP' | 'UDP';
}

/** Whether the NetworkPolicies of the overlay let the connection through, at both ends. */
export function allows(cluster: Cluster, connection: Connection): boolean {
  const policies = cluster.ofKind('NetworkPolicy').map(({ ['spec']: spec }) => policy.parse(spec));
  const permits = (direction: 'Ingress' | 'Egress', own: End, other: End) => {
    // The policies of this namespace say nothing about other pods.
    if (own.labels === undefined || own.namespace !== undefined) return true;
    const { labels } = own;
    const applying = policies.filter((one) => one.policyTypes.includes(direction) && matches(one.podSelector, labels));
    const rules = applying.flatMap((one) => (direction === 'Ingress' ? one.ingress : one.egress));
    return applying.length === 0 || rules.some((one) => hasPort(one, connection) && hasPeer(one, other));
  };
  return permits('Egress', connection.from, connection.to) && permits('Ingress', connection.to, connection.from);
}

function hasPort({ ports }: Rule, { port: number, portName, protocol = 'TCP' }: Connection): boolean {
  if (ports === undefined) return true;
  return ports.some((one) => one.protocol === protocol && (one.port === number || one.port === portName));
}

function hasPeer({ peers }: Rule, end: End): boolean {
  if (peers === undefined) return true;
  return peers.some(({ podSelector, namespaceSelector, ipBlock }) => {
    if (ipBlock !== undefined) return end.network !== undefined && isInside(ipBlock, end.network);
    if (end.labels === undefined) return false;
    const isOwn = namespaceSelector === undefined && end.namespace === undefined;
    return (isOwn || isIn(namespaceSelector, end.namespace)) && matches(podSelector ?? open, end.labels);
  });
}

function isIn(wanted: Selector | undefined, namespace: string | undefined): boolean {
  if (wanted === undefined || namespace === undefined) return false;
  return matches(wanted, { 'kubernetes.io/metadata.name': namespace });
}

const isInside = ({ cidr, except }: { cidr: string; except: string[] }, network: string) =>
  network === cidr || (cidr === '0.0.0.0/0' && !except.includes(network));
