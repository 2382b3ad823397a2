import { reasonOf } from './reason';

const secret = 'eyJhbGciOiJub25lIn0';

it('names the useful cause', () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' });
  expect(reasonOf(new TypeError('fetch failed', { cause: refused }))).toBe(
    'fetch failed: connect ECONNREFUSED 127.0.0.1:1: ECONNREFUSED',
  );
  const denied = Object.assign(new Error('the server responded'), { error: 'access_denied' });
  expect(reasonOf(denied)).toBe('the server responded: access_denied');
});

it('repeats no token, unparsable text, or unknown error name', () => {
  const unparsed = new SyntaxError(`Unexpected end of JSON: "${secret}`);
  const hostile: unknown[] = [
    new Error('refused', { cause: secret }),
    new Error('refused', { cause: { token: secret } }),
    new Error('refused', { cause: new Error('unreadable', { cause: unparsed }) }),
    Object.assign(new Error('refused'), { error: `x\n${secret}`, error_description: secret }),
    secret,
    { message: secret },
  ];
  for (const error of hostile) expect(reasonOf(error)).toMatch(/^(|refused(: unreadable|: an unknown error)?)$/);
});

it('is limited, whatever the length of the causes and messages', () => {
  const looped = new Error('x'.repeat(10_000));
  looped.cause = looped;
  expect(reasonOf(looped).length).toBeLessThan(1_000);
});
