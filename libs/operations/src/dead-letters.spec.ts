import { resultOf, resultOfProgram, eventually } from '#libs/testing';
import { Injectable } from '@nestjs/common';
import { Bed } from '../../jobs/src/fixtures/bed';
import { thingHappened } from '../../jobs/src/fixtures/contracts';
import { OnEvent } from '#libs/jobs';
import { deadLetters as command } from './dead-letters';

@Injectable()
class FailingHandler {
  static isBroken = true;

  @OnEvent(thingHappened)
  async fail(): Promise<void> {
    if (FailingHandler.isBroken) throw new Error('the table is missing');
  }
}

it('lists, replays and drops dead letters', async () => {
  const bed = await Bed.create();
  await bed.start({ providers: [FailingHandler], contracts: [thingHappened] });
  const deadLetters = (...args: string[]) => resultOf(command, args, { REDIS_URL: bed.redis.url });
  const [first = '', second = ''] = await bed.announce(thingHappened, { label: 'a' }, { label: 'b' });
  await eventually(async () => (await deadLetters('list')).output.includes('2 dead letters'));
  const { output } = await deadLetters('list', '--service', 'billing');
  expect(output).toContain(`${first}  billing fixture.happened, 4 attempts`);
  expect(output).toContain('the table is missing');
  const { output: json } = await deadLetters('list', '--json');
  expect(JSON.parse(json)).toHaveLength(2);

  FailingHandler.isBroken = false;
  expect(await deadLetters('replay', first.toUpperCase())).toEqual({
    code: 0,
    output: `${first}  billing fixture.happened replayed\n`,
  });
  expect(await deadLetters('drop', '--all')).toEqual({
    code: 0,
    output: `${second}  billing fixture.happened dropped\n`,
  });
  await bed.untilFinished();
  expect(await deadLetters('list')).toEqual({ code: 0, output: 'There are no dead letters.\n' });
  expect(await deadLetters('drop', first)).toEqual({ code: 1, output: `${first}  is not a dead letter\n` });
  await bed.close();
});

it.each([
  [['list', '--service', 'shop'], 'Unknown service: shop'],
  [['replay'], 'Invalid arguments: replay'],
  [['revive', 'x'], 'Invalid arguments: revive x'],
  [['list', '--loud'], 'Invalid arguments: list --loud'],
])('refuses %j and says what to do instead', async (args, message) => {
  const { code, output } = await resultOf(command, args, {});
  expect(code).toBe(2);
  expect(output).toContain(message);
});

it('prints its help', async () => {
  expect(await resultOfProgram('dead-letters', ['--help'])).toMatchObject({
    code: 0,
    output: expect.stringContaining('Examples'),
  });
});
