import { accessTokenSeconds } from '#libs/contracts';
import { columnsOf, execute, queryRows } from '#libs/database';
import type { Fernet } from '#libs/encryption';
import { calculateJwkThumbprint } from 'jose';
import { generateKeyPairSync } from 'node:crypto';
import { Column, CreateDateColumn, Entity, PrimaryColumn, type DataSource, type EntityManager } from 'typeorm';
import { z } from 'zod';

/** Between publication and first signature. Verifiers fetch the keys at least once a minute. */
const announcedSeconds = 120;
/** Tokens of an old key live for accessTokenSeconds. The rest is for late replicas and clock differences. */
const leewaySeconds = 60;

@Entity('signing_keys')
export class SigningKey {
  /** JWK thumbprint (RFC 7638). */
  @PrimaryColumn('text') kid!: string;
  /** The JWK's `x`: base64url of the 32 bytes (RFC 8037). */
  @Column('text') publicKey!: string;
  /** PKCS #8 PEM, Fernet-encrypted. */
  @Column('text') privateKey!: string;
  @CreateDateColumn({ type: 'timestamptz' }) createdAt!: Date;
  @Column('timestamptz', { default: () => 'now()' }) signsFrom!: Date;
  @Column('timestamptz', { nullable: true }) retiresAt!: Date | null;
}

const stored = columnsOf(SigningKey, ['kid', 'publicKey', 'privateKey']);
/**
 * A key that was not withdrawn. `signsInMs` is the time until it signs, by the database's clock, and can be
 * negative.
 */
const storedKey = stored.row.and(z.object({ signsInMs: z.number() }));
export type StoredKey = z.output<typeof storedKey>;

const liveKeysSql = `SELECT ${stored.list},
    (extract(epoch FROM signs_from - clock_timestamp()) * 1000)::float8 AS "signsInMs"
  FROM signing_keys WHERE retires_at IS NULL OR retires_at > now() ORDER BY signs_from DESC, created_at DESC`;

/**
 * Returns the keys that verify, newest first. The first whose time has come signs. It uses the clock, because a
 * replica that waited for the lock has an older transaction time and would take the first key for a future one.
 */
export function liveKeys(manager: EntityManager): Promise<StoredKey[]> {
  return queryRows(manager, liveKeysSql, [], storedKey);
}

/** The first replica of a new installation creates the first key. The lock makes the others wait for it. */
export function ensureSigningKey(dataSource: DataSource, fernet: Fernet): Promise<void> {
  return locked(dataSource, async (manager) => {
    const keys = await liveKeys(manager);
    if (!keys.some(({ signsInMs }) => signsInMs <= 0)) await create(manager, fernet, 0);
  });
}

export class RotationUnderWay extends Error {
  constructor(readonly until: Date) {
    super('A rotation is under way.');
  }
}

export interface Rotation {
  readonly kid: string;
  readonly signsFrom: Date;
  /** When the old keys are withdrawn. */
  readonly retiresAt: Date;
}

/**
 * Publishes a new key, which signs two minutes later. The old key is withdrawn when its last token has expired,
 * so every token always verifies.
 * @throws RotationUnderWay while there are two keys
 */
export function rotateSigningKey(dataSource: DataSource, fernet: Fernet): Promise<Rotation> {
  return locked(dataSource, async (manager) => {
    const [underWay] = await queryRows(
      manager,
      'SELECT max(greatest(signs_from, retires_at)) AS until FROM signing_keys WHERE signs_from > now() OR retires_at > now()',
      [],
      z.object({ until: z.date().nullable() }),
    );
    if (underWay?.until) throw new RotationUnderWay(underWay.until);
    return replaceWith(manager, await create(manager, fernet, announcedSeconds), accessTokenSeconds + leewaySeconds);
  });
}

/** For a stolen key: withdraws all old keys at once, including the next one, and signs with the new one at once. */
export function replaceSigningKeys(dataSource: DataSource, fernet: Fernet): Promise<Rotation> {
  return locked(dataSource, async (manager) => replaceWith(manager, await create(manager, fernet, 0), 0));
}

export interface KeyDescription {
  readonly kid: string;
  readonly state: 'next' | 'signing' | 'retiring' | 'retired';
  readonly signsFrom: Date;
  /** When it is or was withdrawn. Null if no key follows it. */
  readonly retiresAt: Date | null;
}

const listed = columnsOf(SigningKey, ['kid', 'signsFrom', 'retiresAt']);
const listedKey = listed.row.and(z.object({ isDue: z.boolean(), isRetired: z.boolean() }));

const listSigningKeysSql = `SELECT ${listed.list}, signs_from <= now() AS "isDue",
    coalesce(retires_at <= now(), false) AS "isRetired"
  FROM signing_keys ORDER BY signs_from DESC, created_at DESC`;

/** Newest first, without key material. Withdrawn keys are listed until retention deletes them. */
export async function listSigningKeys(manager: EntityManager): Promise<KeyDescription[]> {
  const keys = await queryRows(manager, listSigningKeysSql, [], listedKey);
  const signing = keys.find(({ isDue, isRetired }) => isDue && !isRetired);
  const stateOf = (key: z.output<typeof listedKey>) => {
    if (key.isRetired) return 'retired';
    if (key === signing) return 'signing';
    return key.isDue ? 'retiring' : 'next';
  };
  return keys.map((key) => ({ ...key, state: stateOf(key) }));
}

/** One at a time across all replicas and commands. */
function locked<T>(dataSource: DataSource, run: (manager: EntityManager) => Promise<T>): Promise<T> {
  return dataSource.transaction(async (manager) => {
    await execute(manager, "SELECT pg_advisory_xact_lock(hashtext('signing_keys'))", []);
    return run(manager);
  });
}

const created = columnsOf(SigningKey, ['kid', 'signsFrom']);
type NewKey = z.output<typeof created.row>;

const createSql = `INSERT INTO signing_keys (kid, public_key, private_key, signs_from)
  VALUES ($1, $2, $3, now() + make_interval(secs => $4)) RETURNING ${created.list}`;

async function create(manager: EntityManager, fernet: Fernet, signsInSeconds: number): Promise<NewKey> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const { x = '' } = publicKey.export({ format: 'jwk' });
  const kid = await calculateJwkThumbprint({ kty: 'OKP', crv: 'Ed25519', x });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const [key] = await queryRows(manager, createSql, [kid, x, fernet.encrypt(pem), signsInSeconds], created.row);
  if (key === undefined) throw new Error('The new signing key was not stored.');
  return key;
}

async function replaceWith(manager: EntityManager, key: NewKey, overlapSeconds: number): Promise<Rotation> {
  const retiresAt = new Date(key.signsFrom.getTime() + overlapSeconds * 1_000);
  await execute(
    manager,
    'UPDATE signing_keys SET retires_at = least(retires_at, $2) WHERE kid <> $1 AND (retires_at IS NULL OR retires_at > $2)',
    [key.kid, retiresAt],
  );
  return { ...key, retiresAt };
}
