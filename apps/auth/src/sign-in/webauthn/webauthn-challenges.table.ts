import { ProblemError } from '#libs/contracts';
import { execute } from '#libs/database';
import { hashToken, randomToken } from '#libs/encryption';
import { Injectable } from '@nestjs/common';
import { Column, DataSource, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { User } from '../../account/user/users.table';
import { challengeSeconds } from './webauthn';

/** An unanswered challenge. */
@Entity('webauthn_challenges')
export class WebauthnChallenge {
  @PrimaryColumn('text') hash!: string;
  @Column('text') kind!: ChallengeKind['kind'];
  @ForeignKey(() => User, { onDelete: 'CASCADE' }) @Index() @Column('uuid', { nullable: true }) userId!: string | null;
  @Index() @Column('timestamptz') expiresAt!: Date;
}

/** What a challenge was issued for. A response to another kind of challenge is not accepted. */
export type ChallengeKind =
  | { readonly kind: 'enrol' | 'reauthenticate'; readonly userId: string }
  | { readonly kind: 'sign-in' };

/** The unanswered challenges. A response contains its challenge, signed, so clients send no id. */
@Injectable()
export class PasskeyChallenges {
  constructor(private readonly dataSource: DataSource) {}

  async issue(kind: ChallengeKind): Promise<string> {
    const challenge = randomToken();
    await execute(
      this.dataSource.manager,
      `INSERT INTO webauthn_challenges (hash, kind, user_id, expires_at)
       VALUES ($1, $2, $3, now() + make_interval(secs => $4))`,
      [hashToken(challenge), kind.kind, userOf(kind), challengeSeconds],
    );
    return challenge;
  }

  /**
   * Call it before verifying the response, whether or not it is valid, so that only one of many concurrent
   * responses is checked.
   * @throws ProblemError `passkey_rejected`
   */
  async consume(kind: ChallengeKind, challenge: string): Promise<void> {
    const consumed = await execute(
      this.dataSource.manager,
      `DELETE FROM webauthn_challenges
       WHERE hash = $1 AND kind = $2 AND user_id IS NOT DISTINCT FROM $3 AND expires_at > now()`,
      [hashToken(challenge), kind.kind, userOf(kind)],
    );
    if (consumed === 0) throw new ProblemError('passkey_rejected');
  }
}

function userOf(kind: ChallengeKind): string | null {
  return kind.kind === 'sign-in' ? null : kind.userId;
}
