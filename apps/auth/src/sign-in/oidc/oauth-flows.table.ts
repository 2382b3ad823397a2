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
  /** When the user was asked to sign in again, in ms since 1970. */
  since: z.int(),
  /** Whether the browser keeps the access token of the session in a cookie. */
  cookies: z.boolean(),
  /** Whether the second factor was proved before. */
  secondFactor: z.boolean(),
});
/** A flow that steps up an open session, and how it started. */
export type StepUpFlow = z.output<typeof stepUpFlow>;

/** What a flow was started for. */
export interface OauthFlow {
  readonly provider: string;
  /** Where the browser goes at the end. */
  readonly returnTo: string;
  /** The session whose user links or proves the identity. Null to sign in. */
  readonly sessionId: string | null;
  readonly stepUp?: StepUpFlow;
}

export interface BegunFlow {
  readonly secrets: FlowSecrets;
  /**
   * Binds the flow to the browser that started it. The state alone cannot, because it is in a URL (RFC 9700
   * section 4.7).
   */
  readonly browserSecret: string;
}

/** What a browser returns with. */
export interface FlowProof {
  readonly provider: string;
  readonly state: string;
  readonly browserSecret: string;
}

// Strict, so that no version of this service takes a step-up for linking.
const sealed = z.strictObject({ nonce: z.string(), codeVerifier: z.string(), stepUp: stepUpFlow.exactOptional() });

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

/**
 * Flows in progress. A reader of the table cannot finish one: state and browser secret are hashed, the rest is
 * encrypted with the state.
 */
@Injectable()
export class OauthFlows {
  constructor(private readonly dataSource: DataSource) {}

  async begin(
    { provider, returnTo, sessionId, stepUp }: OauthFlow,
    manager: EntityManager = this.dataSource.manager,
  ): Promise<BegunFlow> {
    const [state, nonce, browserSecret] = [randomToken(), randomToken(), randomToken()];
    // 43 base64url characters, as RFC 7636 section 4.1 recommends for a code verifier.
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
   * Consumes a flow of this provider and browser with one statement, so that only one of two concurrent callbacks
   * finds it.
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
