import { Column, CreateDateColumn, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

/** One link in a session's chain of refresh tokens. The token itself is nowhere at rest. */
@Entity('refresh_tokens')
export class RefreshToken {
  /** SHA-256: the token has 256 random bits, so a slow hash would add nothing. */
  @PrimaryColumn('text') hash!: string;
  @ForeignKey('sessions', { onDelete: 'CASCADE' }) @Index() @Column('uuid') sessionId!: string;
  @CreateDateColumn({ type: 'timestamptz' }) createdAt!: Date;
  /** The idle end: a session that is not refreshed until then is over. */
  @Index() @Column('timestamptz') expiresAt!: Date;
  @Column('timestamptz', { nullable: true }) rotatedAt!: Date | null;
  /** The token that replaced this one, readable only with this one: a second tab that comes late gets the same. */
  @Column('text', { nullable: true }) sealedChild!: string | null;
}

/** A statement that gives a session a token. @param values SQL for hash, session and expiry @param from what they are read from */
export const insertToken = (values: string, from: string) =>
  `INSERT INTO refresh_tokens (hash, session_id, expires_at) SELECT ${values} FROM ${from}`;

/** A statement that consumes a token, unless it was before. @param condition for its session */
export const consumeToken = (hash: string, sealedChild: string, condition: string) => `
  UPDATE refresh_tokens SET rotated_at = now(), sealed_child = ${sealedChild}
  WHERE hash = ${hash} AND rotated_at IS NULL AND ${condition} RETURNING session_id`;
