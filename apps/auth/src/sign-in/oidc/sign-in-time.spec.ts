import { clockToleranceSeconds, provesSignInSince, signInTimeOf } from './sign-in-time';

const now = 1_800_000_000_000;
const seconds = now / 1_000;
const tolerance = clockToleranceSeconds;

it('dates a sign-in by auth_time, and one without it or in the future as never', () => {
  expect(signInTimeOf(seconds - 3_600, now)).toEqual(new Date(now - 3_600_000));
  expect(signInTimeOf(seconds + tolerance, now)).toEqual(new Date(now));
  for (const authTime of [null, seconds + tolerance + 1, 253_402_300_799, 0]) {
    expect(signInTimeOf(authTime, now)).toEqual(new Date(0));
  }
});

it.each<[string, number | null, boolean]>([
  ['none', null, false],
  ['from before the request', seconds - 120 - tolerance - 1, false],
  ['within the clock tolerance', seconds - 120 - tolerance, true],
  ['from after the request', seconds - 60, true],
  ['of this moment, by a clock that is ahead', seconds + tolerance, true],
  ['in the future', seconds + tolerance + 1, false],
])(
  'decides two minutes after the request whether the auth_time %s proves a new sign-in: %s',
  (_which, authTime, proves) => {
    expect(provesSignInSince(authTime, now - 120_000, now)).toBe(proves);
  },
);
