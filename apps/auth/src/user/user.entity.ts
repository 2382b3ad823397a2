import { BaseEntity } from '#libs/database';
import type { Locale } from '#libs/validation';
import { Column, Entity } from 'typeorm';

/** A person with an account. */
@Entity('users')
export class User extends BaseEntity {
  /** Normalised by the schema `email`, so that equality of text is equality of address. */
  @Column({ type: 'text' })
  email!: string;

  @Column({ type: 'text' })
  name!: string;

  @Column({ type: 'text' })
  locale!: Locale;

  @Column({ type: 'text', nullable: true })
  avatarUrl!: string | null;

  /** PHC string of Argon2id. */
  @Column({ type: 'text' })
  passwordHash!: string;

  @Column({ type: 'timestamptz', nullable: true })
  emailVerifiedAt!: Date | null;

  @Column({ type: 'timestamptz', nullable: true })
  mfaEnabledAt!: Date | null;
}
