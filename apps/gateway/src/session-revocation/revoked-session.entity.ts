import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A session that ended before its access tokens did. Kept until the last of those has expired. */
@Entity('revoked_sessions')
export class RevokedSession {
  @PrimaryColumn({ type: 'uuid' })
  sessionId!: string;

  @Column({ type: 'timestamptz' })
  accessTokensExpireAt!: Date;

  @Column({ type: 'timestamptz', default: () => 'clock_timestamp()' })
  recordedAt!: Date;
}
