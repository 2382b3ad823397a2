import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/** One link in a session's chain of refresh tokens. The token itself is nowhere at rest. */
@Entity('refresh_tokens')
export class RefreshToken {
  /** SHA-256: the token has 256 random bits, so a slow hash would add nothing. */
  @PrimaryColumn({ type: 'text' })
  hash!: string;

  @Column({ type: 'uuid' })
  sessionId!: string;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;

  /** The idle end: a session that is not refreshed until then is over. */
  @Column({ type: 'timestamptz' })
  expiresAt!: Date;

  @Column({ type: 'timestamptz', nullable: true })
  rotatedAt!: Date | null;

  /** The token that replaced this one, readable only with this one: a second tab that comes late gets the same. */
  @Column({ type: 'text', nullable: true })
  sealedChild!: string | null;
}
