import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/** An Ed25519 key pair that signs access tokens. */
@Entity('signing_keys')
export class SigningKey {
  /** JWK thumbprint (RFC 7638). */
  @PrimaryColumn({ type: 'text' })
  kid!: string;

  /** The JWK's `x`: base64url of the 32 bytes (RFC 8037). */
  @Column({ type: 'text' })
  publicKey!: string;

  /** PKCS #8 PEM, Fernet-encrypted. */
  @Column({ type: 'text' })
  privateKey!: string;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;
}
