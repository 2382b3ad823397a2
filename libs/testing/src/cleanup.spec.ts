import { cleanupOnce } from './cleanup';

const ran: string[] = [];
const note = (name: string) => () => {
  ran.push(name);
  return Promise.resolve();
};

it('runs a cleanup once, although it was called twice', async () => {
  const stop = cleanupOnce(note('once'));
  await stop();
  await stop();
  expect(ran).toEqual(['once']);
});

it('runs the remaining cleanups in reverse order: users of a server before the server', async () => {
  ran.length = 0;
  cleanupOnce(note('server'));
  cleanupOnce(note('client'));
  await globalThis.tidyUp?.();
  expect(ran).toEqual(['client', 'server']);
});

describe('after all tests', () => {
  const redis = { up: true };
  beforeAll(() => {
    cleanupOnce(() => {
      redis.up = false;
      return Promise.resolve();
    });
  });

  it('runs the hooks of the file first', () => {
    expect(redis.up).toBe(true);
  });

  afterAll(() => {
    if (!redis.up) throw new Error('It was taken away before the file was done with it.');
  });
});
