import { join } from 'node:path';
import { eventually, spawnProcess } from '#libs/testing';
import { Injectable } from '@nestjs/common';
import { Bed } from '../libs/jobs/src/fixtures/bed';
import { thingHappened } from '../libs/jobs/src/fixtures/contracts';
import { OnEvent } from '#libs/jobs';
import { root } from './local/paths';

@Injectable()
class FailingHandler {
  static isBroken = true;

  @OnEvent(thingHappened)
  async fail(): Promise<void> {
    if (FailingHandler.isBroken) throw new Error('the table is missing');
  }
}

let bed: Bed;
beforeEach(async () => {
  FailingHandler.isBroken = true;
  bed = await Bed.create();
  await bed.start({ providers: [FailingHandler], contracts: [thingHappened] });
});
afterEach(() => bed.close());

async function deadLetters(...args: string[]): Promise<{ code: number | null; output: string }> {
  const command = spawnProcess(join(root, 'dist', 'scripts', 'dead-letters.js'), {
    args,
    env: { REDIS_URL: bed.redis.url },
  });
  const { code } = await command.exited;
  return { code, output: command.output() };
}

const untilListed = (text: string) => eventually(async () => (await deadLetters('list')).output.includes(text));

it('lists, replays and drops', async () => {
  const [first = '', second = ''] = await bed.announce(thingHappened, { label: 'a' }, { label: 'b' });
  await untilListed('2 dead letters');
  const { output } = await deadLetters('list', '--service', 'billing');
  expect(output).toContain(`${first}  billing fixture.happened, 4 attempts`);
  expect(output).toContain('the table is missing');
  const { output: json } = await deadLetters('list', '--json');
  expect(JSON.parse(json)).toHaveLength(2);

  FailingHandler.isBroken = false;
  expect(await deadLetters('replay', first)).toEqual({
    code: 0,
    output: `${first}  billing fixture.happened replayed\n`,
  });
  expect(await deadLetters('drop', '--all')).toEqual({
    code: 0,
    output: `${second}  billing fixture.happened dropped\n`,
  });
  await bed.untilFinished();
  expect(await deadLetters('list')).toEqual({ code: 0, output: 'There are no dead letters.\n' });
  expect(await deadLetters('drop', first)).toEqual({ code: 1, output: `${first}  is no dead letter\n` });
});

it.each([
  [['list', '--service', 'shop'], 'No such service: shop'],
  [['replay'], 'Not understood: replay'],
  [['revive', 'x'], 'Not understood: revive x'],
  [['list', '--loud'], 'Not understood: list --loud'],
])('%j is refused with what to do instead', async (args, message) => {
  const { code, output } = await deadLetters(...args);
  expect(code).toBe(2);
  expect(output).toContain(message);
});

it('explains itself', async () => {
  const { code, output } = await deadLetters('--help');
  expect(code).toBe(0);
  expect(output).toContain('Examples');
});
