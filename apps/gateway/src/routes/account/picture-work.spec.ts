import { ProblemError } from '#libs/contracts';
import { PictureWork } from './picture-work';

const isBusy = (error: unknown) => error instanceof ProblemError && error.code === 'service_unavailable';

it('decodes one at a time, in the order of arrival, also after failures', async () => {
  const work = new PictureWork();
  const started: number[] = [];
  const gates = Array.from({ length: 5 }, () => Promise.withResolvers<number>());
  const results = gates.map(({ promise }, index) =>
    work.inTurn(() => {
      started.push(index);
      return promise;
    }),
  );
  const settled = Promise.allSettled(results);
  expect(started).toEqual([0]);
  gates[0]?.reject(new Error('no picture'));
  await expect(results[0]).rejects.toThrow('no picture');
  expect(started).toEqual([0, 1]);
  for (const [index, { resolve }] of gates.entries()) resolve(index);
  expect((await settled).map(({ status }) => status)).toEqual([
    'rejected',
    'fulfilled',
    'fulfilled',
    'fulfilled',
    'fulfilled',
  ]);
  expect(started).toEqual([0, 1, 2, 3, 4]);
});

it('admits eight uploads at once and refuses the next with a retry time, until one has finished', async () => {
  const work = new PictureWork();
  const { promise, resolve } = Promise.withResolvers<string>();
  const uploads = Array.from({ length: 8 }, () => work.admit(() => promise));
  const refusal = await work.admit(() => promise).catch((error: unknown) => error);
  expect(isBusy(refusal)).toBe(true);
  expect(refusal).toMatchObject({ retryAfterSeconds: 5 });
  resolve('done');
  await Promise.all(uploads);
  expect(await work.admit(async () => 'room again')).toBe('room again');
});

it('refuses work that waited too long, and continues with the next', async () => {
  const clock = jest.spyOn(performance, 'now').mockReturnValue(0);
  const work = new PictureWork();
  const { promise, resolve } = Promise.withResolvers<string>();
  const slow = work.inTurn(() => promise);
  const late = work.inTurn(async () => 'too late').catch((error: unknown) => error);
  clock.mockReturnValue(10_001);
  const next = work.inTurn(async () => 'in time');
  resolve('slow');
  await slow;
  expect(isBusy(await late)).toBe(true);
  expect(await next).toBe('in time');
  clock.mockRestore();
});
