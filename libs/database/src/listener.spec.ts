import { eventually, testDatabase } from '#libs/testing';
import { Client } from 'pg';
import { Listener } from './listener';

it('reports a lost connection and receives notifications again after reconnecting', async () => {
  const { url } = await testDatabase();
  const heard: string[] = [];
  let lost = 0;
  const listener = new Listener({
    ...{ url, name: 'groundwork listener test', channel: 'News', connectTimeoutMs: 5_000 },
    onNotification: (payload) => heard.push(payload),
    onLost: () => (lost += 1),
  });
  const other = new Client({ connectionString: url });
  await other.connect();
  try {
    const first = await listener.connection();
    expect(await listener.connection()).toBe(first);
    await other.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'groundwork listener test'",
    );
    await eventually(async () => !listener.isConnected);
    await listener.connection();
    await other.query(`NOTIFY "News", 'again'`);
    await eventually(async () => heard.length > 0);
    expect({ heard, lost }).toEqual({ heard: ['again'], lost: 1 });
  } finally {
    await other.end();
    await listener.stop();
  }
});
