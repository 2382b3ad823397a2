import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { curlLine } from './curl';

const folder = mkdtempSync(join(tmpdir(), 'groundwork-curl-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const request = { method: 'POST', target: '/a/..%2f?b=[1]&c={}', headers: {}, body: undefined };
const api = 'http://localhost:1';

/** The arguments that bash passes to curl. */
function argumentsOf(line: string): string[] {
  const { stdout } = spawnSync('bash', ['-c', line.replace(/^curl/, String.raw`printf '%s\0'`)], {
    encoding: 'latin1',
    env: { ...process.env, TOKEN: 'secret' },
  });
  return stdout.split('\0').slice(0, -1);
}

describe('the curl line of a finding', () => {
  it('has the method and the URL as they were sent', () => {
    const args = argumentsOf(curlLine(api, request, folder));
    expect(args).toEqual(['-isg', '--path-as-is', '-X', 'POST', `${api}${request.target}`]);
  });

  it.each(['plain', '', `'; rm -rf /; echo "$HOME" \`id\` \\`, '\u00e9\u0080\u00ff1', '100%', '\ttab'])(
    'has the value %j byte for byte',
    (value) => {
      const withValue = { ...request, headers: { 'x-a': value }, body: Buffer.from(value, 'latin1') };
      const args = argumentsOf(curlLine(api, withValue, folder));
      expect(args.slice(5, 8)).toEqual([value === '' ? 'x-a;' : `x-a: ${value}`, '--data-binary', value]);
    },
  );

  it('has a file in place of a body with NUL', () => {
    const args = argumentsOf(curlLine(api, { ...request, body: Buffer.from([0, 0xff]) }, folder));
    expect(args).toContain(`@${join(folder, readdirSync(folder)[0] ?? '')}`);
  });

  it('shows the access token only if it is asked to', () => {
    const signedIn = { ...request, headers: { authorization: 'Bearer eyJ.a.b' } };
    expect(argumentsOf(curlLine(api, signedIn, folder))).toContain('authorization: Bearer secret');
    expect(argumentsOf(curlLine(api, signedIn, folder, true))).toContain('authorization: Bearer eyJ.a.b');
  });
});
