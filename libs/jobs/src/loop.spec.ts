import { Loop } from './loop';

let rounds = 0;
let round: () => Promise<boolean>;
let loop: Loop;

beforeEach(() => {
  jest.useFakeTimers();
  rounds = 0;
  loop = new Loop('A test', 10_000, () => {
    rounds++;
    return round();
  });
});
afterEach(async () => {
  await loop.stop();
  jest.useRealTimers();
});

it('repeats at once while there is more to do, and then after the pause', async () => {
  round = async () => rounds < 5;
  loop.start();
  await jest.advanceTimersByTimeAsync(9_999);
  expect(rounds).toBe(5);
  await jest.advanceTimersByTimeAsync(1);
  expect(rounds).toBe(6);
});

it('wakes once from its pause, however often it is woken', async () => {
  round = async () => false;
  loop.start();
  await jest.advanceTimersByTimeAsync(0);
  for (let time = 0; time < 100; time++) loop.wake();
  await jest.advanceTimersByTimeAsync(0);
  expect(rounds).toBe(2);
});

it('does not miss a wake-up during a round', async () => {
  round = async () => {
    if (rounds === 1) loop.wake();
    return false;
  };
  loop.start();
  await jest.advanceTimersByTimeAsync(0);
  expect(rounds).toBe(2);
});

it('does not spin when its rounds fail, although it is woken all the time', async () => {
  round = async () => {
    throw new Error('Redis is away');
  };
  loop.start();
  for (let time = 0; time < 1_000; time++) {
    loop.wake();
    await jest.advanceTimersByTimeAsync(10);
  }
  expect(rounds).toBeLessThanOrEqual(11);
});

it('stops at once during a pause, or after the running round', async () => {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  round = () => promise;
  loop.start();
  let hasStopped = false;
  const stopped = loop.stop().then(() => (hasStopped = true));
  await jest.advanceTimersByTimeAsync(60_000);
  expect(hasStopped).toBe(false);
  resolve(true);
  await stopped;
  expect(rounds).toBe(1);
});
