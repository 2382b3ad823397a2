import type { Locale } from '#libs/validation';
import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/**
 * A verification link that was mailed, with the registration it stands for: if two people register one address, the link
 * that is opened decides whose name and password the account gets.
 */
@Entity('email_verifications')
export class EmailVerification {
  @PrimaryColumn({ type: 'text' })
  selector!: string;

  @Column({ type: 'text' })
  verifierHash!: string;

  @Column({ type: 'uuid' })
  userId!: string;

  @Column({ type: 'text' })
  name!: string;

  @Column({ type: 'text' })
  locale!: Locale;

  @Column({ type: 'text' })
  passwordHash!: string;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;

  @Column({ type: 'timestamptz' })
  expiresAt!: Date;

  @Column({ type: 'timestamptz', nullable: true })
  usedAt!: Date | null;
}
