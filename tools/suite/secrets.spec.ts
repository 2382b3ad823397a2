import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localSecrets } from './secrets';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'groundwork-secrets-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

it('creates secrets once and keeps them', () => {
  const first = localSecrets(folder, ['auth']);
  const second = localSecrets(folder, ['auth']);
  expect(second.fieldEncryptionKey).toBe(first.fieldEncryptionKey);
  expect(second.databasePasswords('auth')).toEqual(first.databasePasswords('auth'));
});

it('makes them readable only by their owner', () => {
  localSecrets(folder, ['auth']);
  expect(statSync(join(folder, 'secrets.env')).mode & 0o777).toBe(0o600);
});

it('creates different secrets within a clone and between clones', () => {
  localSecrets(folder, ['auth', 'billing']);
  const values = [...readFileSync(join(folder, 'secrets.env'), 'utf8').matchAll(/=(.{20,})$/gm)].map(
    ([, value]) => value,
  );
  expect(values).toHaveLength(7);
  expect(new Set(values).size).toBe(7);
});

it('adds secrets for a new service and keeps the others', () => {
  const before = localSecrets(folder, ['auth']).databasePasswords('auth');
  const after = localSecrets(folder, ['auth', 'billing']);
  expect(after.databasePasswords('auth')).toEqual(before);
  expect(after.databasePasswords('billing').servicePassword).not.toBe(before.servicePassword);
});

it('uses secrets that the user put there', () => {
  writeFileSync(join(folder, 'secrets.env'), '# mine\nCSRF_SECRET=chosen=by me\n');
  expect(localSecrets(folder, ['auth']).csrfSecret).toBe('chosen=by me');
});
