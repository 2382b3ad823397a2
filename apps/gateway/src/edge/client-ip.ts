import type { IncomingMessage } from 'node:http';
import { BlockList, isIP, SocketAddress, type IPVersion } from 'node:net';
import type { TrustProxy } from '../config';

/** RFC 4291 section 2.5.2: no IP address is known, such as for a Unix socket or a closed connection. */
const unspecified = '::';
const warningIntervalMs = 60_000;
/** An IP address with an interface name as its zone id, brackets and a port. */
const longestNode = 128;
/** RFC 7239 section 6: the port is optional and can be obfuscated. The brackets belong to IPv6. */
const withPort = /^(?:\[([^\]]+)\]|([\d.]{7,15}))(?::(?:\d{1,5}|_[\w.-]{1,64}))?$/;
const mappedIpv4 = /^::ffff:([\d.]+)$/;

type IsTrusted = (ip: string, hop: number) => boolean;
type Message = Pick<IncomingMessage, 'headers'> & { readonly socket: { readonly remoteAddress?: string | undefined } };

/**
 * Finds the IP address of the client behind the proxies of `TRUST_PROXY`. The result is always valid and
 * canonical (RFC 5952), so that one client can't look like many.
 */
export class ClientIp {
  private readonly isTrusted: IsTrusted;
  private warnedAt = -Infinity;

  constructor(
    trust: TrustProxy,
    private readonly warn: (message: string) => void,
  ) {
    this.isTrusted = trustedBy(trust);
  }

  of({ headers, socket }: Message): string {
    let ip = parseIp(socket.remoteAddress ?? '') ?? unspecified;
    for (const [hop, node] of forwardedNodes(headers['x-forwarded-for']).entries()) {
      if (!this.isTrusted(ip, hop)) break;
      const next = parseIp(node);
      if (next === undefined) {
        this.warnOf(node, ip);
        break;
      }
      ip = next;
    }
    return ip;
  }

  private warnOf(node: string, ip: string): void {
    const now = performance.now();
    if (now - this.warnedAt < warningIntervalMs) return;
    this.warnedAt = now;
    this.warn(
      `X-Forwarded-For from a trusted proxy contains ${JSON.stringify(node.slice(0, 64))}, which is not an IP address. ` +
        `Requests like this one count as coming from ${ip}. Configure the proxy to send the client's IP address.`,
    );
  }
}

/**
 * Accepts `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]` and `[2001:db8::1]:4711`. Drops
 * zone ids, which mean nothing to other hosts, and turns IPv4-mapped IPv6 addresses into IPv4.
 */
export function parseIp(node: string): string | undefined {
  if (node.length > longestNode) return undefined;
  const [, bracketed, ipv4] = withPort.exec(node) ?? [];
  const text = bracketed ?? ipv4 ?? node;
  const version = isIP(text);
  if (version !== 6) return version === 4 && bracketed === undefined ? text : undefined;
  const [address = ''] = text.split('%');
  const canonical = new SocketAddress({ address, family: 'ipv6' }).address;
  return mappedIpv4.exec(canonical)?.[1] ?? canonical;
}

/** Returns the nearest node first. Empty list elements are ignored (RFC 9110 section 5.6.1.2). */
function forwardedNodes(header: string | readonly string[] | undefined): string[] {
  if (header === undefined) return [];
  const nodes = [header].flat().join().split(',');
  return nodes
    .map((node) => node.trim())
    .filter((node) => node !== '')
    .toReversed();
}

/** A number of hops is trusted with any IP address, so only these proxies must be able to reach the gateway. */
function trustedBy(trust: TrustProxy): IsTrusted {
  if (typeof trust === 'number') return (_ip, hop) => hop < trust;
  if (trust === false) return () => false;
  const networks = new BlockList();
  for (const network of trust) {
    const [address = '', bits] = network.split('/');
    const family = familyOf(address);
    networks.addSubnet(address, Number(bits ?? (family === 'ipv4' ? 32 : 128)), family);
  }
  return (ip) => networks.check(ip, familyOf(ip));
}

function familyOf(ip: string): IPVersion {
  return isIP(ip) === 4 ? 'ipv4' : 'ipv6';
}
