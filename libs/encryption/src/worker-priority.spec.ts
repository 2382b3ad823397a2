import { spawnProcess } from '#libs/testing';
import { resolve } from 'node:path';
import { z } from 'zod';

const report = z.object({
  found: z.int(),
  own: z.int(),
  threads: z.array(z.object({ name: z.string(), niceness: z.int() })),
});

it('lowers the priority of the hashing threads, and of no other, if the system supports it', async () => {
  const program = spawnProcess(resolve(__dirname, '../../../dist/libs/encryption/src/fixtures/priorities.js'));
  const [line] = await program.waitForOutput(/^\{.*\}$/m);
  const { found, own, threads } = report.parse(JSON.parse(line));
  const workers = threads.filter(({ name }) => name.startsWith('libuv-worker'));
  expect(found).toBe(workers.length);
  expect(workers.length > 0).toBe(process.platform === 'linux');
  for (const { name, niceness } of threads) {
    expect({ name, niceness }).toEqual({ name, niceness: name.startsWith('libuv-worker') ? 10 : own });
  }
});
