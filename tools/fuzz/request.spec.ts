import { jsonWith, valueAt } from './request';

const json = { a: { b: 1, c: 'é' }, d: [{ e: 3 }, 4] };

describe('the JSON of a request', () => {
  it('takes any bytes at one place and keeps the rest', () => {
    expect(jsonWith(json, ['a', 'b'], '1e400')).toBe('{"a":{"b":1e400,"c":"Ã©"},"d":[{"e":3},4]}');
    expect(jsonWith(json, ['d', 0, 'e'], '"\xff"')).toBe('{"a":{"b":1,"c":"Ã©"},"d":[{"e":"\xff"},4]}');
    expect(jsonWith(json, [], '')).toBe('');
  });

  it('gets missing parents, and loses a removed value', () => {
    expect(jsonWith({}, ['f', 0, 'g'], '"$&"')).toBe('{"f":[{"g":"$&"}]}');
    expect(jsonWith(json, ['a'], undefined)).toBe('{"d":[{"e":3},4]}');
  });

  it('returns the value at a place', () => {
    expect(valueAt(json, ['d', 0, 'e'])).toBe(3);
    expect(valueAt('a', ['b', 0])).toBeUndefined();
  });
});
