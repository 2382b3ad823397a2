import { deviceOf } from './device';

it.each<[string, string]>([
  [
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120 Safari/537.36',
    'Chrome on Linux',
  ],
  ['Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0', 'Firefox on Windows'],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1',
    'Safari on iOS',
  ],
  ['curl/8.0', 'curl'],
  ['python-requests/2.31', 'python-requests'],
  ['Go-http-client/2.0', 'Go-http-client'],
  ['k6/0.49', 'k6'],
])('names the browser or program of %j', (userAgent, device) => {
  expect(deviceOf(userAgent)).toBe(device);
});

it.each<[string, string | null]>([
  ['Pay at http://evil.example/now (x', 'Pay'],
  ['evil.example/1.0 (x)', null],
  ['https://evil.example', null],
  ['SmartTV evil.example/2 (Windows NT 10.0; x)', 'SmartTV on Windows'],
  ['CALL-1-555-010-0199/1 (a', null],
  ['+15550100199', null],
  [`${'a'.repeat(33)}/1`, null],
  ['\u0080\u009b31m/1 (x', null],
  ['constructor/1 (x', 'constructor'],
  ['', null],
])('puts no text of the client into emails and lists: %j', (userAgent, device) => {
  expect(deviceOf(userAgent)).toBe(device);
});
