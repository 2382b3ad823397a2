import { defineRpc, rpcContractsOf } from '#libs/contracts';
import { eventually, testRedis, type TestRedis } from '#libs/testing';
import { Controller, type Type } from '@nestjs/common';
import { EventPattern, MessagePattern } from '@nestjs/microservices';
import { z } from 'zod';
import { Started } from '../test/replicas';
import { Handles } from './handles';

const shape = { access: 'public', request: z.null(), response: z.null() } as const;
const one = defineRpc('billing', 'one', shape);
const two = defineRpc('billing', 'two', shape);
const foreign = defineRpc('auth', 'foreign', shape);

@Controller()
class One {
  @Handles(one)
  async one() {
    return null;
  }
}
@Controller()
class Two {
  @Handles(two)
  async two() {
    return null;
  }
}
@Controller()
class TwoAgain {
  @Handles(two)
  async again() {
    return null;
  }
}
@Controller()
class Foreign {
  @Handles(foreign)
  async foreign() {
    return null;
  }
}
@Controller()
class Untyped {
  @MessagePattern('by.string')
  message() {
    return null;
  }

  @EventPattern({ by: 'event' })
  event() {}
}

describe('A service', () => {
  const started = new Started();
  let redis: TestRedis;

  beforeAll(async () => {
    redis = await testRedis();
  });
  afterEach(() => started.end());

  const boot = (...controllers: Type[]) =>
    started.replica({ redis: { url: redis.url, name: 'test' }, contracts: [one, two], controllers });

  it('starts when every contract has exactly one handler', async () => {
    await expect(boot(One, Two)).resolves.toBeDefined();
  });

  it('handles all contracts that name it by default', () => {
    expect(rpcContractsOf('billing')).toEqual(expect.arrayContaining([one, two]));
    expect(rpcContractsOf('billing')).not.toContain(foreign);
  });

  it.each<[string, Type[], RegExp]>([
    ['without a handler', [One], /^The service billing refuses to start: billing\.two has no handler\.$/],
    ['with two handlers', [One, Two, TwoAgain], /billing\.two has 2 handlers/],
    ["of another service's", [One, Two, Foreign], /auth\.foreign is handled here, but is no contract of this service/],
    ['by a string or an object', [One, Two, Untyped], /by\.string is handled here.*event/],
  ])('refuses to start with a contract %s', async (_, controllers, sentence) => {
    await expect(boot(...controllers)).rejects.toThrow(sentence);
  });

  it('starts while Redis is down and handles requests as soon as Redis is up', async () => {
    await redis.stop();
    await boot(One, Two);
    const connecting = started.client({ redis: { url: redis.url, name: 'test' } });
    await redis.start();
    const client = await connecting;
    await eventually(() => client.call(one, null).then(() => true), { timeoutMs: 60_000 });
  });
});
