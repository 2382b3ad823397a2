import { ProblemError } from '#libs/contracts';
import { columnsOf, execute, queryRows } from '#libs/database';
import { hashToken, openForBearer, randomToken, sealForBearer } from '#libs/encryption';
import { Injectable } from '@nestjs/common';
import { Column, DataSource, Entity, ForeignKey, Index, PrimaryColumn, type EntityManager } from 'typeorm';
import { z } from 'zod';
import { SessionRecord } from '../../session/session/sessions.table';
import type { FlowSecrets } from './oidc-provider';

const lifeSeconds = 600;

const stepUpFlow = z.strictObject({
  /** When the person was asked to sign in again, in ms since 1970. */
  since: z.int(),
  /** Whether the session's access token is a cookie of the browser. */
  cookies: z.boolean(),
  /** Whether the second factor was proved before. */
  secondFactor: z.boolean(),
});
/** That a flow is for signing in again in an open session, and how that began. */
export type StepUpFlow = z.output<typeof stepUpFlow>;

/** What a flow was begun for. */
export interface OauthFlow {
  readonly provider: string;
  /** Where the browser goes at its end. */
  readonly returnTo: string;
  /** The session whose person the identity is to be linked to, or is to be again; null to sign in. */
  readonly sessionId: string | null;
  readonly stepUp?: StepUpFlow;
}

export interface BegunFlow {
  readonly secrets: FlowSecrets;
  /** Binds the flow to the browser that began it, as the state alone, which is in an address, could not (RFC 9700 section 4.7). */
  readonly browserSecret: string;
}

/** What a browser comes back with. */
export interface FlowProof {
  readonly provider: string;
  readonly state: string;
  readonly browserSecret: string;
}

// Strict, so that no version of this service takes a step-up for a linking.
const sealed = z.strictObject({ nonce: z.string(), codeVerifier: z.string(), stepUp: stepUpFlow.exactOptional() });

/** A flow that is under way at an issuer. */
@Entity('oauth_flows')
export class OauthFlowRecord {
  @PrimaryColumn('text') stateHash!: string;
  @Column('text') browserHash!: string;
  @Column('text') provider!: string;
  @Column('text') sealedSecrets!: string;
  @Column('text') returnTo!: string;
  @ForeignKey(() => SessionRecord, { onDelete: 'CASCADE' })
  @Index()
  @Column('uuid', { nullable: true })
  sessionId!: string | null;
  @Index() @Column('timestamptz') expiresAt!: Date;
}

const flow = columnsOf(OauthFlowRecord, ['sealedSecrets', 'returnTo', 'sessionId']);

const finishSql = `DELETE FROM oauth_flows WHERE state_hash = $1 AND browser_hash = $2 AND provider = $3 AND expires_at > now()
  RETURNING ${flow.list}`;

/** Flows that are under way at an issuer. Who reads the table can finish none: state and browser secret are hashed, the rest is sealed by the state. */
@Injectable()
export class OauthFlows {
  constructor(private readonly dataSource: DataSource) {}

  async begin(
    { provider, returnTo, sessionId, stepUp }: OauthFlow,
    manager: EntityManager = this.dataSource.manager,
  ): Promise<BegunFlow> {
    const [state, nonce, browserSecret] = [randomToken(), randomToken(), randomToken()];
    // 43 characters of base64url are a code verifier as RFC 7636 section 4.1 recommends it.
    const codeVerifier = randomToken();
    await execute(
      manager,
      `INSERT INTO oauth_flows (state_hash, browser_hash, provider, sealed_secrets, return_to, session_id, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, now() + make_interval(secs => $7))`,
      [
        hashToken(state),
        hashToken(browserSecret),
        provider,
        sealForBearer(state, JSON.stringify({ nonce, codeVerifier, stepUp })),
        returnTo,
        sessionId,
        lifeSeconds,
      ],
    );
    return { secrets: { state, nonce, codeVerifier }, browserSecret };
  }

  /**
   * Uses a flow up, by one statement: of two callbacks at once one finds it. A flow of another provider, or of another browser,
   * is none.
   * @throws ProblemError `oauth_failed`
   */
  async finish({ provider, state, browserSecret }: FlowProof): Promise<OauthFlow & { readonly secrets: FlowSecrets }> {
    const [found] = await queryRows(
      this.dataSource.manager,
      finishSql,
      [hashToken(state), hashToken(browserSecret), provider],
      flow.row,
    );
    if (found === undefined) throw new ProblemError('oauth_failed');
    const { sealedSecrets, ...rest } = found;
    const { nonce, codeVerifier, ...purpose } = sealed.parse(JSON.parse(openForBearer(state, sealedSecrets)));
    return { ...rest, ...purpose, provider, secrets: { state, nonce, codeVerifier } };
  }
}
