import { Column, CreateDateColumn, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

/** One token in a session's chain of refresh tokens. The token itself is not stored. */
@Entity('refresh_tokens')
export class RefreshToken {
  /** SHA-256. The token has 256 random bits, so a slow hash would add nothing. */
  @PrimaryColumn('text') hash!: string;
  @ForeignKey('sessions', { onDelete: 'CASCADE' }) @Index() @Column('uuid') sessionId!: string;
  @CreateDateColumn({ type: 'timestamptz' }) createdAt!: Date;
  /** The idle timeout. A session that is not refreshed by then has ended. */
  @Index() @Column('timestamptz') expiresAt!: Date;
  @Column('timestamptz', { nullable: true }) rotatedAt!: Date | null;
  /** The next token, encrypted with this one, so that a second tab can get the same token. */
  @Column('text', { nullable: true }) sealedChild!: string | null;
}

/** A statement that adds a token to a session. `values` is SQL for hash, session and expiry. */
export const insertToken = (values: string, from: string) =>
  `INSERT INTO refresh_tokens (hash, session_id, expires_at) SELECT ${values} FROM ${from}`;

/** A statement that consumes an unused token. `condition` is about its session. */
export const consumeToken = (hash: string, sealedChild: string, condition: string) => `
  UPDATE refresh_tokens SET rotated_at = now(), sealed_child = ${sealedChild}
  WHERE hash = ${hash} AND rotated_at IS NULL AND ${condition} RETURNING session_id`;
