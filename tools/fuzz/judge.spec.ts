import { codeOf, faultOf } from './judge';

const problem = { status: 422, code: 'validation_failed', requestId: 'r1', title: 'Invalid' };
const declared = new Set(['validation_failed', 'internal_error']);
const refusal = (change: object = {}, status = 422, contentType = 'application/problem+json') => ({
  status,
  contentType,
  text: JSON.stringify({ ...problem, ...change }),
});

describe('the judge of responses', () => {
  it.each([
    ['a success without a body', { status: 204, contentType: '', text: '' }],
    ['a success', { status: 200, contentType: 'application/json; charset=utf-8', text: '{}' }],
    ['a redirect', { status: 302, contentType: '', text: '' }],
    ['a declared problem', refusal()],
    [
      'headers that are too large, which no operation declares',
      refusal({ status: 431, code: 'headers_too_large' }, 431),
    ],
  ])('accepts %s', (_what, response) => {
    expect(faultOf(response, declared)).toBeUndefined();
  });

  it.each([
    ['a 500, although it is declared', refusal({ status: 500, code: 'internal_error' }, 500)],
    ['a 503', { status: 503, contentType: 'text/html', text: '' }],
    ['text instead of a problem', { status: 400, contentType: 'text/plain', text: 'Bad Request' }],
    ['JSON that is no problem+json', refusal({}, 422, 'application/json')],
    ['a problem without a request id', refusal({ requestId: undefined })],
    ['a code that nobody knows', refusal({ code: 'oops' })],
    ['a code that is not declared here', refusal({ status: 404, code: 'method_unknown' }, 404)],
    ['a known code that is not declared here', refusal({ status: 409, code: 'mfa_not_enabled' }, 409)],
    ['a code with the status of another', refusal({ status: 400 }, 400)],
    ['a body with another status than the response', refusal({ status: 400 })],
    ['a stack', refusal({ detail: 'at run (/app/dist/main.js:10:20)' })],
    ['an error of the database', refusal({ detail: 'duplicate key violates unique constraint "users_email"' })],
    ['a problem as long as what was sent', refusal({ detail: 'x'.repeat(60_000) })],
    ['a success that is no JSON', { status: 200, contentType: 'application/json', text: '{' }],
  ])('refuses %s', (_what, response) => {
    expect(faultOf(response, declared)).toEqual(expect.any(String));
  });

  it('reads only the code of a problem', () => {
    expect(codeOf(refusal())).toBe('validation_failed');
    expect(codeOf(refusal({}, 422, 'application/json'))).toBeUndefined();
    expect(codeOf({ status: 500, contentType: 'application/problem+json', text: 'x' })).toBeUndefined();
  });
});
