import { time } from './time';

const messagesOf = (text: string) => time.safeParse(text).error?.issues.map(({ message }) => message);

describe('time', () => {
  it.each([
    ['2026-01-31T00:00:00Z', '2026-01-31T00:00:00.000Z'],
    ['2026-01-31T00:00:00+23:59', '2026-01-30T00:01:00.000Z'],
    ['2026-01-31T00:00:00.123456789-00:00', '2026-01-31T00:00:00.123Z'],
    ['1969-12-31T23:59:59Z', '1969-12-31T23:59:59.000Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
    ['0000-12-31T23:00:00-01:00', '0001-01-01T00:00:00.000Z'],
    ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
  ])('converts %s to %s', (text, utc) => {
    expect(time.parse(text)).toBe(utc);
    expect(time.parse(utc)).toBe(utc);
  });

  it.each([
    '0000-01-01T00:00:00Z',
    '0000-12-31T23:59:59Z',
    '0001-01-01T00:00:00+00:01',
    '0001-01-01T23:58:00+23:59',
    '9999-12-31T23:59:59-00:01',
    '9999-12-31T00:01:00-23:59',
  ])('refuses %s, because JavaScript and PostgreSQL write it differently', (text) => {
    expect(messagesOf(text)).toEqual(['Not a time between the years 1 and 9999.']);
  });

  it.each([
    '',
    'yesterday',
    '2026-01-31',
    '2026-01-31T00:00:00',
    '2026-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-01-31T24:00:00Z',
    '2026-06-30T23:59:60Z',
    '2026-01-31T00:00:00+24:00',
    '2026-01-31T00:00:00+00:60',
    '+010000-01-01T00:00:00Z',
    '-000001-01-01T00:00:00Z',
    '10000-01-01T00:00:00Z',
    'infinity',
    'epoch',
    `2026-01-31T00:00:00.${'1'.repeat(100)}Z`,
  ])('refuses %j', (text) => expect(time.safeParse(text).success).toBe(false));
});
