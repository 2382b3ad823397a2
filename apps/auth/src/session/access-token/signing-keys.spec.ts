import { accessTokenAudience, getSigningKeys, refresh } from '#libs/contracts';
import { Fernet } from '#libs/encryption';
import { Queues } from '#libs/jobs';
import { logger } from '#libs/observability';
import { eventually } from '#libs/testing';
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { publicUrl, startAuth, startServers, type TestAuth } from '../../../test/auth';
import { RetentionService } from '../../retention/retention.service';
import { SigningKeyService } from './signing-key.service';
import { listSigningKeys, replaceSigningKeys, rotateSigningKey, RotationUnderWay } from './signing-keys.table';

const kidOf = (token: string) => decodeProtectedHeader(token).kid;

/** Two replicas, and what each does every 30 seconds. */
async function twoReplicas() {
  const servers = await startServers();
  const intervals = jest.spyOn(globalThis, 'setInterval');
  const replicas = [await startAuth(servers), await startAuth(servers)] as const;
  const rereads = intervals.mock.calls.flatMap(([run, everyMs]) => (everyMs === 30_000 ? [run] : []));
  intervals.mockRestore();
  const [auth] = replicas;
  // The cleanup at the start ends before keys expire.
  const schedules = auth.application.get(Queues, { strict: false }).of('auth', 'schedules');
  await eventually(async () => (await schedules.getCompleted()).some(({ name }) => name === 'auth.delete-expired'));
  const fernet = auth.application.get(Fernet);
  return {
    auth,
    replicas,
    fernet,
    reread: () => rereads.forEach((run) => run()),
    rotate: () => rotateSigningKey(auth.dataSource, fernet),
    /** Moves the times of the keys into the past. */
    pass: (interval: string) =>
      auth.dataSource.query(
        'UPDATE signing_keys SET signs_from = signs_from - $1::interval, retires_at = retires_at - $1::interval',
        [interval],
      ),
  };
}

async function signedKid(auth: TestAuth): Promise<string | undefined> {
  return kidOf((await auth.aSession(await auth.aUser())).accessToken);
}

async function verifies(auth: TestAuth, token: string): Promise<boolean> {
  const keys = createLocalJWKSet(await auth.rpc.call(getSigningKeys, {}));
  return jwtVerify(token, keys, { issuer: publicUrl, audience: accessTokenAudience, typ: 'at+jwt' }).then(
    () => true,
    () => false,
  );
}

/** Log lines about unreadable keys. Background work can log other errors about a missing table. */
function complaints() {
  const warn = jest.spyOn(logger(), 'warn').mockImplementation(() => undefined);
  return { count: () => warn.mock.calls.filter(([, message]) => message?.startsWith('signing keys')).length };
}

afterEach(() => jest.restoreAllMocks());

const states = async ({ dataSource }: TestAuth) =>
  (await listSigningKeys(dataSource.manager)).map(({ state }) => state);

it('keeps every token valid during a rotation, switches both replicas, and signs no one out', async () => {
  const { auth, replicas, reread, rotate, pass } = await twoReplicas();
  const session = await auth.aSession(await auth.aUser());
  const oldKid = kidOf(session.accessToken);

  const { kid, signsFrom, retiresAt } = await rotate();
  expect((signsFrom.getTime() - Date.now()) / 1_000).toBeGreaterThan(110);
  expect(retiresAt.getTime() - signsFrom.getTime()).toBe(660_000);
  expect(await states(auth)).toEqual(['next', 'signing']);
  expect((await auth.rpc.call(getSigningKeys, {})).keys.map((key) => key.kid)).toEqual([kid, oldKid]);
  reread();
  for (const replica of replicas) expect(await signedKid(replica)).toBe(oldKid);

  await pass('2 minutes');
  reread();
  for (const replica of replicas) await eventually(async () => (await signedKid(replica)) === kid);
  expect(await states(auth)).toEqual(['signing', 'retiring']);
  expect(await verifies(auth, session.accessToken)).toBe(true);
  const renewed = await auth.rpc.call(refresh, { refreshToken: session.refreshToken });
  expect(kidOf(renewed.accessToken)).toBe(kid);
  expect(await verifies(auth, renewed.accessToken)).toBe(true);

  await pass('11 minutes');
  expect(await states(auth)).toEqual(['signing', 'retired']);
  expect((await auth.rpc.call(getSigningKeys, {})).keys.map((key) => key.kid)).toEqual([kid]);
  expect(await verifies(auth, session.accessToken)).toBe(false);
  const again = await auth.rpc.call(refresh, { refreshToken: renewed.refreshToken });
  expect(await verifies(auth, again.accessToken)).toBe(true);
  await new RetentionService(auth.dataSource).deleteExpired();
  expect(await states(auth)).toEqual(['signing']);
});

it('switches to the next key on time without a query', async () => {
  const { auth, replicas, rotate, pass } = await twoReplicas();
  const old = await signedKid(auth);
  const { kid } = await rotate();
  await pass('118 seconds');
  for (const { application } of replicas) await application.get(SigningKeyService, { strict: false }).published();
  await auth.asSuperuser('ALTER TABLE signing_keys RENAME TO signing_keys_elsewhere');
  for (const replica of replicas) expect([old, kid]).toContain(await signedKid(replica));
  for (const replica of replicas) await eventually(async () => (await signedKid(replica)) === kid);
});

it('starts one of two concurrent rotations, and makes a third one wait', async () => {
  const { auth, rotate, pass } = await twoReplicas();
  const results = await Promise.allSettled([rotate(), rotate(), rotate()]);
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(await states(auth)).toEqual(['next', 'signing']);
  await pass('10 minutes');
  await expect(rotate()).rejects.toBeInstanceOf(RotationUnderWay);
  await pass('4 minutes');
  await rotate();
  expect(await states(auth)).toEqual(['next', 'signing', 'retired']);
});

it('withdraws a stolen key and its successor at once, and replicas sign with the new one after their next read', async () => {
  const { auth, replicas, fernet, reread, rotate } = await twoReplicas();
  const session = await auth.aSession(await auth.aUser());
  const announced = await rotate();
  const { kid } = await replaceSigningKeys(auth.dataSource, fernet);
  expect(await states(auth)).toEqual(['retired', 'signing', 'retired']);
  const published = (await auth.rpc.call(getSigningKeys, {})).keys.map((key) => key.kid);
  expect(published).toEqual([kid]);
  expect(published).not.toContain(announced.kid);
  expect(await verifies(auth, session.accessToken)).toBe(false);
  reread();
  for (const replica of replicas) await eventually(async () => (await signedKid(replica)) === kid);
  const renewed = await auth.rpc.call(refresh, { refreshToken: session.refreshToken });
  expect(await verifies(auth, renewed.accessToken)).toBe(true);
});

it('keeps the known keys if a read fails, and logs it once', async () => {
  const { auth, reread } = await twoReplicas();
  const kid = await signedKid(auth);
  const complained = complaints();
  await auth.asSuperuser('ALTER TABLE signing_keys RENAME TO signing_keys_elsewhere');
  reread();
  await eventually(() => complained.count() === 2);
  reread();
  expect(await signedKid(auth)).toBe(kid);
  await auth.asSuperuser('ALTER TABLE signing_keys_elsewhere RENAME TO signing_keys');
  reread();
  expect(await signedKid(auth)).toBe(kid);
  expect(complained.count()).toBe(2);
});

it('skips a key that FIELD_ENCRYPTION_KEY cannot decrypt, and keeps the previous one', async () => {
  const { auth, replicas, reread } = await twoReplicas();
  const kid = await signedKid(auth);
  const complained = complaints();
  await rotateSigningKey(auth.dataSource, new Fernet(['VGhpcyBpcyBhbm90aGVyIGtleSBmb3IgdGhlIHRlc3Q=']));
  await auth.dataSource.query('UPDATE signing_keys SET signs_from = now() WHERE kid <> $1', [kid]);
  reread();
  await eventually(() => complained.count() === 2);
  for (const replica of replicas) expect(await signedKid(replica)).toBe(kid);
});
