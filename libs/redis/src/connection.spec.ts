import { eventually, testRedis, type TestRedis } from '#libs/testing';
import { createRedis, type RedisPurpose } from './connection';
import { closeRedis, whenReady, type RedisConnection } from './lifecycle';
import type { Result } from 'ioredis';

declare module 'ioredis' {
  interface RedisCommander<Context> {
    addTo(key: string, by: number): Result<unknown, Context>;
  }
}

describe('A connection to Redis', () => {
  let server: TestRedis;
  const open: RedisConnection[] = [];
  const connect = (purpose: RedisPurpose, url = server.url) => {
    const connection = createRedis({ url, name: 'spec' }, purpose);
    open.push(connection);
    return connection;
  };

  beforeEach(async () => {
    server = await testRedis();
  });
  afterEach(async () => {
    for (const connection of open.splice(0)) await closeRedis(connection);
    await server.kill();
  });

  it('has its name and purpose, and uses the database of its URL', async () => {
    const connection = connect('command', `${server.url}/3`);
    expect(await whenReady(connection, 5_000)).toBe(true);
    expect(await connection.client('LIST')).toMatch(/name=spec:command .*db=3/);
  });

  it('fails commands at once while Redis is down, and works again when it is back', async () => {
    const connection = connect('command');
    await whenReady(connection, 5_000);
    await server.kill();
    // Jest ends a test after 30 s. An offline queue would keep these commands until then.
    await eventually(() => connection.status !== 'ready');
    await expect(connection.ping()).rejects.toThrow();
    await server.start();
    await eventually(() => connection.ping(), { timeoutMs: 60_000 });
  });

  it('never resends a command whose reply was lost', async () => {
    const connection = connect('command');
    const observer = connect('command');
    await Promise.all([whenReady(connection, 5_000), whenReady(observer, 5_000)]);
    const waiting = connection.blpop('list', 0);
    waiting.catch(() => undefined);
    await eventually(async () => /blocked_clients:1/.test(await observer.info('clients')));
    await observer.client('KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await expect(waiting).rejects.toThrow();
    await eventually(() => connection.ping(), { timeoutMs: 60_000 });
    await expect(observer.info('clients')).resolves.toMatch(/blocked_clients:0/);
  });

  it('waits for Redis before it subscribes, and subscribes again after a restart', async () => {
    await server.stop();
    const subscriber = connect('subscriber');
    const publisher = connect('command');
    const received: string[] = [];
    subscriber.on('message', (_channel: string, message: string) => received.push(message));
    const subscribed = subscriber.subscribe('news');
    await server.start();
    await subscribed;
    for (const news of ['first', 'second']) {
      await eventually(() => publisher.publish('news', news).then((receivers) => receivers === 1), {
        timeoutMs: 60_000,
      });
      await eventually(() => received.includes(news));
      await server.restart();
    }
  });

  it('neither ends the process nor hangs if no server listens', async () => {
    const nobody = connect('command', 'redis://127.0.0.1:1');
    expect(await whenReady(nobody, 200)).toBe(false);
    await expect(nobody.ping()).rejects.toThrow();
  });

  it('runs a script that Redis has forgotten', async () => {
    const connection = connect('command');
    await whenReady(connection, 5_000);
    connection.defineCommand('addTo', { numberOfKeys: 1, lua: "return redis.call('INCRBY', KEYS[1], ARGV[1])" });
    expect(await connection.addTo('counter', 2)).toBe(2);
    await connection.script('FLUSH');
    expect(await connection.addTo('counter', 3)).toBe(5);
  });
});
