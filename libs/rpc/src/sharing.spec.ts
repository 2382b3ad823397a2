import { defineRpc, type RequestOf } from '#libs/contracts';
import { testRedis, type TestRedis } from '#libs/testing';
import { Controller } from '@nestjs/common';
import { z } from 'zod';
import { Started } from '../test/replicas';
import { Handles } from './handles';

const double = defineRpc('billing', 'double', {
  access: 'public',
  request: z.strictObject({ number: z.int() }),
  response: z.strictObject({ result: z.int() }),
  timeoutMs: 20_000,
});

function countingController() {
  const runs: number[] = [];
  @Controller()
  class DoubleHandler {
    @Handles(double)
    async double({ number }: RequestOf<typeof double>) {
      runs.push(number);
      return { result: number * 2 };
    }
  }
  return { runs, controller: DoubleHandler };
}

describe('Replicas of a service', () => {
  const started = new Started();
  let redis: TestRedis;

  beforeAll(async () => {
    redis = await testRedis();
  });
  afterEach(() => started.end());

  it.each([1, 2, 4])(
    'share 10,000 requests, each run exactly once, with a fair part for each of %i',
    async (replicas) => {
      const settings = { redis: { url: redis.url, name: 'test' }, contracts: [double] };
      const counting = Array.from({ length: replicas }, countingController);
      for (const { controller } of counting) await started.replica({ ...settings, controllers: [controller] });
      const client = await started.client(settings);

      const numbers = Array.from({ length: 10_000 }, (_, number) => number);
      const todo = [...numbers];
      const results = new Map<number, number>();
      const worker = async () => {
        for (let number = todo.pop(); number !== undefined; number = todo.pop()) {
          results.set(number, (await client.call(double, { number })).result);
        }
      };
      await Promise.all(Array.from({ length: 64 }, worker));

      expect(numbers.every((number) => results.get(number) === number * 2)).toBe(true);
      const runs = counting.flatMap((replica) => replica.runs);
      expect(runs).toHaveLength(10_000);
      expect(new Set(runs).size).toBe(10_000);
      for (const replica of counting) expect(replica.runs.length).toBeGreaterThan(10_000 / replicas / 2);
    },
  );
});
