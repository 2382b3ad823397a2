import type { StaffRole } from '#libs/contracts';
import { BaseEntity } from '#libs/database';
import type { Locale } from '#libs/validation';
import { Column, Entity } from 'typeorm';

/** A person with an account. */
@Entity('users')
export class User extends BaseEntity {
  /** Normalized by the schema `email`, so that equality of text is equality of address. */
  @Column({ type: 'text' })
  email!: string;

  @Column({ type: 'text' })
  name!: string;

  @Column({ type: 'text' })
  locale!: Locale;

  @Column({ type: 'text', nullable: true })
  avatarUrl!: string | null;

  /** The picture that was uploaded, by its id in the object store; then there is no `avatarUrl`. */
  @Column({ type: 'uuid', nullable: true })
  avatarObject!: string | null;

  /** PHC string of Argon2id; null where one signs in by other means only. */
  @Column({ type: 'text', nullable: true })
  passwordHash!: string | null;

  /** Sessions of an older epoch are over: whatever ends all of them at once counts it up. */
  @Column({ type: 'int', default: 0 })
  sessionEpoch!: number;

  @Column({ type: 'timestamptz', nullable: true })
  emailVerifiedAt!: Date | null;

  @Column({ type: 'timestamptz', nullable: true })
  mfaEnabledAt!: Date | null;

  /** Of the platform's staff. Whatever changes it ends all of the person's sessions. */
  @Column({ type: 'text', nullable: true })
  staffRole!: StaffRole | null;

  /** Who is suspended can be signed in by no means. */
  @Column({ type: 'timestamptz', nullable: true })
  suspendedAt!: Date | null;

  @Column({ type: 'text', nullable: true })
  suspensionReason!: string | null;
}
