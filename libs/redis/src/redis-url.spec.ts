import { parseRedisUrl } from './redis-url';

describe('A Redis URL', () => {
  it('of one server has a host and optional port, database, user and password', () => {
    expect(parseRedisUrl('redis://localhost')).toMatchObject({
      kind: 'standalone',
      addresses: [{ host: 'localhost', port: 6379 }],
      db: 0,
      username: undefined,
      password: undefined,
      tls: undefined,
    });
    expect(parseRedisUrl('redis://app:p%40ss%2Fword@[::1]:7000/3')).toMatchObject({
      addresses: [{ host: '::1', port: 7000 }],
      db: 3,
      username: 'app',
      password: 'p@ss/word',
    });
    expect(parseRedisUrl('redis://:secret@redis')).toMatchObject({ username: undefined, password: 'secret' });
  });

  it('with rediss uses TLS in every mode', () => {
    expect(parseRedisUrl('rediss://redis').tls).toEqual({});
    expect(parseRedisUrl('rediss+sentinel://a,b/main').tls).toEqual({});
    expect(parseRedisUrl('rediss+cluster://a,b').tls).toEqual({});
  });

  it('of Sentinel names the sentinels, the primary, the database and both passwords', () => {
    expect(
      parseRedisUrl('redis+sentinel://app:secret@s1:26380,s2,[::1]:5/main/2?sentinelPassword=other%20one'),
    ).toMatchObject({
      kind: 'sentinel',
      addresses: [
        { host: 's1', port: 26_380 },
        { host: 's2', port: 26_379 },
        { host: '::1', port: 5 },
      ],
      primaryName: 'main',
      db: 2,
      username: 'app',
      password: 'secret',
      sentinelPassword: 'other one',
    });
  });

  it('of a cluster names some of its nodes', () => {
    expect(parseRedisUrl('redis+cluster://:pw@n1:7000,n2')).toMatchObject({
      kind: 'cluster',
      addresses: [
        { host: 'n1', port: 7000 },
        { host: 'n2', port: 6379 },
      ],
      password: 'pw',
    });
  });

  it.each([
    '',
    'localhost:6379',
    'http://localhost',
    'redis://',
    'redis://host:99999',
    'redis://host:port',
    'redis://a,b',
    'redis://host/abc',
    'redis://host/1/2',
    'redis+sentinel://host',
    'redis+cluster://host/1',
    'redis://:%zz@host',
    'redis://user:hunter2@@host',
  ])('is refused with what is expected if invalid, and never repeated: %s', (url) => {
    const parse = () => parseRedisUrl(url);
    expect(parse).toThrow(/^The Redis URL /);
    expect(parse).not.toThrow(/hunter2/);
  });

  it('names a missing certificate file', () => {
    expect(() => parseRedisUrl('rediss://redis', '/nowhere/ca.pem')).toThrow(/ca\.pem/);
  });
});
