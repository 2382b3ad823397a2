import type { getSigningKeys, ResponseInput } from '#libs/contracts';
import { Fernet } from '#libs/encryption';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { calculateJwkThumbprint } from 'jose';
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { DataSource, type EntityManager } from 'typeorm';
import { SigningKey } from './signing-key.entity';

type KeySet = ResponseInput<typeof getSigningKeys>;

interface CurrentKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
}

@Injectable()
export class SigningKeyService implements OnModuleInit {
  private currentKey: CurrentKey | undefined;

  constructor(
    private readonly dataSource: DataSource,
    private readonly fernet: Fernet,
  ) {}

  async onModuleInit(): Promise<void> {
    const { kid, privateKey } = await this.newest();
    this.currentKey = { kid, privateKey: createPrivateKey(this.fernet.decrypt(privateKey)) };
  }

  current(): CurrentKey {
    if (this.currentKey === undefined)
      throw new Error('The signing key is read when the module starts, and it has not.');
    return this.currentKey;
  }

  async published(): Promise<KeySet> {
    const keys = await this.dataSource.manager.find(SigningKey, { order: { createdAt: 'DESC' } });
    return {
      keys: keys.map(({ kid, publicKey }) => ({
        kid,
        kty: 'OKP',
        crv: 'Ed25519',
        alg: 'EdDSA',
        use: 'sig',
        x: publicKey,
      })),
    };
  }

  /** The first replica of a new installation makes the first key; the lock lets the others wait for it. */
  private newest(): Promise<SigningKey> {
    return this.dataSource.transaction(async (manager) => {
      await manager.query("SELECT pg_advisory_xact_lock(hashtext('signing_keys'))");
      const [newest] = await manager.find(SigningKey, { order: { createdAt: 'DESC' }, take: 1 });
      return newest ?? this.create(manager);
    });
  }

  private async create(manager: EntityManager): Promise<SigningKey> {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const { x = '' } = publicKey.export({ format: 'jwk' });
    const kid = await calculateJwkThumbprint({ kty: 'OKP', crv: 'Ed25519', x });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const key = manager.create(SigningKey, { kid, publicKey: x, privateKey: this.fernet.encrypt(pem) });
    return manager.save(key);
  }
}
