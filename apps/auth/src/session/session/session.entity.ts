import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/** One sign-in on one device, and the family of refresh tokens that continues it. */
@Entity('sessions')
export class SessionRecord {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @Column({ type: 'uuid' })
  userId!: string;

  /** The user's session epoch at sign-in: the session lives only while it still is the user's. */
  @Column({ type: 'int' })
  epoch!: number;

  @Column({ type: 'text' })
  ip!: string;

  @Column({ type: 'text' })
  userAgent!: string;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;

  /** When the person last proved who they are in this session. */
  @Column({ type: 'timestamptz' })
  authenticatedAt!: Date;

  @Column({ type: 'timestamptz' })
  lastSeenAt!: Date;

  /** The absolute end: no refresh extends it. */
  @Column({ type: 'timestamptz' })
  expiresAt!: Date;

  /** Whether it was signed in with two factors: staff may do nothing without. */
  @Column({ type: 'boolean', default: false })
  secondFactor!: boolean;

  /** Who of the staff acts as the person, from which session of theirs; with those this one ends. */
  @Column({ type: 'uuid', nullable: true })
  impersonatorId!: string | null;

  @Column({ type: 'uuid', nullable: true })
  impersonatorSessionId!: string | null;

  /** Whether that one may only look. */
  @Column({ type: 'boolean', default: false })
  readOnly!: boolean;

  @Column({ type: 'timestamptz', nullable: true })
  endedAt!: Date | null;

  @Column({ type: 'text', nullable: true })
  endReason!: SessionEndReason | null;
}

export type SessionEndReason =
  | 'logout'
  | 'refresh_token_reused'
  | 'revoked'
  | 'password_changed'
  | 'password_reset'
  | 'email_change_undone'
  | 'staff_role_changed'
  | 'suspended'
  | 'signed_out_by_staff'
  | 'revoked_by_operator';
