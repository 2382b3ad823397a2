import { execFile } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { root } from '#libs/local';

const composeFile = z.object({
  services: z.record(z.string(), z.object({ secrets: z.array(z.string()).exactOptional() })),
});
const parent = mkdtempSync(join(tmpdir(), 'groundwork rotate-keys-'));
afterAll(() => rmSync(parent, { recursive: true }));

const oldKey = 'b2xkLW9sZC1vbGQtb2xkLW9sZC1vbGQtb2xkLW9sZC0=';

/** Records the keys that the services would get, or what they would run, and ends with an error at the call in `fails`. */
const recorder = (what: string) => `#!/bin/sh
cd "$(dirname "$0")/.."
echo "${what}" >> calls
if [ -s fails ] && [ "$(cat fails)" = "$(wc -l < calls)" ]; then rm fails; exit 1; fi
`;

/** The services of docker-compose.prod.yml that are given the key. */
function servicesWithTheKey(): string[] {
  const file = readFileSync(join(root, 'docker-compose.prod.yml'), 'utf8');
  const { services } = composeFile.parse(parse(file));
  return Object.keys(services)
    .filter((name) => services[name]?.secrets?.includes('field_encryption_key'))
    .toSorted();
}

/** A server's folder in which deployments and containers are recorded instead. */
class Server {
  readonly folder = mkdtempSync(join(parent, 'server-'));

  constructor() {
    for (const name of ['scripts', 'secrets', 'bin']) mkdirSync(join(this.folder, name));
    copyFileSync(join(root, 'scripts/rotate-keys.sh'), join(this.folder, 'scripts/rotate-keys.sh'));
    this.write('.env', 'DOMAIN=app.acme.test\nVERSION=1.4.2\n');
    this.write('secrets/field_encryption_key', `${oldKey}\n`);
    this.write('scripts/deploy.sh', recorder('deploy $* $(cat secrets/field_encryption_key)'));
    this.write('bin/docker', recorder('docker $*'));
    for (const name of ['scripts/deploy.sh', 'bin/docker']) chmodSync(join(this.folder, name), 0o755);
  }

  write(name: string, content: string): void {
    writeFileSync(join(this.folder, name), content);
  }

  read(name: string): string {
    return readFileSync(join(this.folder, name), 'utf8').trim();
  }

  has(name: string): boolean {
    return existsSync(join(this.folder, name));
  }

  /** The keys of each deployment, in order. */
  get deployed(): string[][] {
    const lines = this.read('calls').split('\n');
    return lines
      .filter((line) => line.startsWith('deploy '))
      .map((line) => line.replace('deploy 1.4.2 --no-build ', '').split(','));
  }

  rotate(...args: string[]): Promise<{ code: number | string; stderr: string }> {
    const env = { PATH: `${join(this.folder, 'bin')}:${process.env['PATH'] ?? ''}` };
    return new Promise((resolve) => {
      execFile(join(this.folder, 'scripts/rotate-keys.sh'), args, { env }, (error, _stdout, stderr) => {
        resolve({ code: error?.code ?? 0, stderr });
      });
    });
  }
}

describe('rotate-keys.sh', () => {
  it('explains itself with examples, and refuses what it does not know in one line', async () => {
    const server = new Server();
    expect(await server.rotate('--help')).toEqual({ code: 0, stderr: '' });
    expect(await server.rotate()).toMatchObject({ code: 2, stderr: expect.stringMatching(/^Name the key.*\n$/) });
    expect(await server.rotate('csrf')).toMatchObject({ code: 2, stderr: expect.stringMatching(/^Unknown arg.*\n$/) });
    expect(server.has('calls')).toBe(false);
  });

  it('lets every process read the new key before one uses it, re-encrypts, and keeps the old key for backups', async () => {
    const server = new Server();
    expect(await server.rotate('field-encryption')).toEqual({ code: 0, stderr: '' });
    const [newKey = ''] = server.read('secrets/field_encryption_key').split(',');
    expect(Buffer.from(newKey, 'base64url')).toHaveLength(32);
    expect(server.deployed).toEqual([
      [oldKey, newKey],
      [newKey, oldKey],
    ]);
    const encrypted = [
      ...server.read('calls').matchAll(/^docker compose run .* node dist\/scripts\/reencrypt\.js (\w+)$/gm),
    ];
    expect(encrypted.map(([, service]) => service).toSorted()).toEqual(servicesWithTheKey());

    expect(await server.rotate('field-encryption', '--finish')).toEqual({ code: 0, stderr: '' });
    expect(server.deployed.at(-1)).toEqual([newKey]);
    expect(server.read('secrets/field_encryption_key')).toBe(newKey);
    expect(server.read('secrets/retired_field_encryption_keys')).toMatch(new RegExp(`^\\S+Z ${oldKey}$`));
    expect(server.has('secrets/field_encryption_key.progress')).toBe(false);
  });

  // The first run makes two deployments and three commands, the last one three commands and a deployment.
  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9])('continues after it ended at its call %i', async (call) => {
    const server = new Server();
    server.write('fails', String(call));
    const codes = [];
    for (const args of [['field-encryption'], ['field-encryption', '--finish']]) {
      const { code } = await server.rotate(...args);
      codes.push(code);
      if (code !== 0) codes.push((await server.rotate(...args)).code);
    }
    expect(codes.toSorted()).toEqual([0, 0, 1]);

    const newKey = server.read('secrets/field_encryption_key');
    expect(newKey).not.toContain(oldKey);
    // Old and new replicas run side by side, and what the one writes the other can read.
    const states = [[oldKey], ...server.deployed];
    for (const [index, keys] of states.slice(1).entries()) {
      const before = states[index] ?? [];
      expect(keys).toContain(before[0]);
      expect(before).toContain(keys[0]);
    }
    expect(states.at(-1)).toEqual([newKey]);
    expect(server.read('secrets/retired_field_encryption_keys')).toContain(oldKey);
  });

  it('refuses a second rotation at the same time, which would make another key', async () => {
    const server = new Server();
    server.write('scripts/deploy.sh', `${recorder('deploy $* $(cat secrets/field_encryption_key)')}. ./second\n`);
    const again = 'scripts/rotate-keys.sh field-encryption 2> refusal && exit 3';
    server.write('second', `if [ ! -e refusal ]; then ${again}; fi\nexit 0\n`);
    expect(await server.rotate('field-encryption')).toEqual({ code: 0, stderr: '' });
    expect(server.read('refusal')).toBe('Another rotation is running. Wait until it has ended.');
    const [newKey = ''] = server.read('secrets/field_encryption_key').split(',');
    expect(server.deployed).toEqual([
      [oldKey, newKey],
      [newKey, oldKey],
    ]);
  });

  it('removes no key before the new one is in use', async () => {
    const server = new Server();
    expect(await server.rotate('field-encryption', '--finish')).toMatchObject({ code: 1 });
    expect(server.read('secrets/field_encryption_key')).toBe(oldKey);
    expect(server.has('calls')).toBe(false);
  });
});
