import type { TrustProxy } from '../config';
import { ClientIp, parseIp } from './client-ip';

const peer = '10.0.0.1';

function lookUp(
  trust: TrustProxy,
  forwardedFor: string | string[] | undefined,
  remoteAddress: string | undefined = peer,
) {
  const warnings: string[] = [];
  const headers = forwardedFor === undefined ? {} : { 'x-forwarded-for': [forwardedFor].flat().join(', ') };
  const ip = new ClientIp(trust, (message) => warnings.push(message)).of({ headers, socket: { remoteAddress } });
  return { ip, warnings };
}

describe('the IP address that a trusted proxy sends', () => {
  it.each([
    ['203.0.113.7:40001', '203.0.113.7'],
    ['203.0.113.7:_hidden', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['::FFFF:CB00:7107', '203.0.113.7'],
    ['[::ffff:203.0.113.7]:443', '203.0.113.7'],
    ['2001:DB8:0:0::1', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['[2001:db8::1]:4711', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['[fe80::1%25eth0]:80', 'fe80::1'],
  ])('is converted without a warning: %s is %s', (sent, ip) => {
    expect(lookUp(1, sent)).toEqual({ ip, warnings: [] });
  });

  it.each([
    'unknown',
    '_obfuscated',
    'client.example.com',
    '203.0.113.7:',
    '203.0.113.7:123456',
    '203.0.113.007',
    '203.0.113',
    '0xcb007107',
    '[203.0.113.7]:80',
    '[2001:db8::1',
    '2001:db8::g',
    '"203.0.113.7"',
    '203.0.113.7 198.51.100.1',
    '203.0.113.7%eth0',
    `2001:db8::1%${'x'.repeat(5_000)}`,
    '1'.repeat(15_000),
  ])('is replaced by the peer, with a warning, if it is not an IP address: %s', (sent) => {
    const { ip, warnings } = lookUp(1, sent);
    expect(ip).toBe(peer);
    expect(warnings).toEqual([expect.stringContaining(JSON.stringify(sent.slice(0, 64)))]);
    expect(warnings[0]?.length).toBeLessThan(400);
  });

  it('causes one warning per minute if it is not an IP address', () => {
    const warnings: string[] = [];
    const clientIp = new ClientIp(1, (message) => warnings.push(message));
    for (const node of ['unknown', 'hidden', 'unknown']) {
      clientIp.of({ headers: { 'x-forwarded-for': node }, socket: { remoteAddress: peer } });
    }
    expect(warnings).toHaveLength(1);
  });
});

describe('the chain of proxies', () => {
  it('ignores empty elements and joins several headers', () => {
    expect(lookUp(1, '203.0.113.7, ,').ip).toBe('203.0.113.7');
    expect(lookUp(2, ['203.0.113.7', '10.0.0.2']).ip).toBe('203.0.113.7');
    expect(lookUp(1, ' , ').ip).toBe(peer);
    expect(lookUp(1, undefined).ip).toBe(peer);
  });

  it('stops at the last known proxy when a trusted one sends no IP address', () => {
    expect(lookUp(2, 'unknown, 10.0.0.2:50000').ip).toBe('10.0.0.2');
  });

  it('ignores what an untrusted client sent', () => {
    expect(lookUp(1, 'unknown, 203.0.113.7')).toEqual({ ip: '203.0.113.7', warnings: [] });
    expect(lookUp(['10.0.0.0/8'], 'unknown, 203.0.113.7')).toEqual({ ip: '203.0.113.7', warnings: [] });
    expect(lookUp(false, 'unknown')).toEqual({ ip: peer, warnings: [] });
  });

  it('recognizes trusted networks in any notation', () => {
    const networks = ['10.0.0.0/8', '2001:db8:1::/48'];
    expect(lookUp(networks, '203.0.113.7, 10.0.0.7:40001, [2001:DB8:1::7]:9', '::ffff:10.0.0.1').ip).toBe(
      '203.0.113.7',
    );
    expect(lookUp(['::ffff:10.0.0.0/104'], '203.0.113.7').ip).toBe('203.0.113.7');
    expect(lookUp(['10.0.0.1'], '203.0.113.7', '10.0.0.2').ip).toBe('10.0.0.2');
  });
});

it('converts a mapped address of the connection, and returns a valid one if there is none', () => {
  expect(lookUp(false, undefined, '::ffff:203.0.113.7').ip).toBe('203.0.113.7');
  expect(new ClientIp(false, () => undefined).of({ headers: {}, socket: {} })).toBe('::');
  expect(parseIp('')).toBeUndefined();
});
