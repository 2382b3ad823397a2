import {
  beginOauth,
  beginOauthReauthentication,
  finishOauth,
  linkIdentity,
  type RequestInput,
  type ResponseOf,
  type SessionActor,
} from '#libs/contracts';
import { newId } from '#libs/database';
import { decodeJwt } from 'jose';
import { z } from 'zod';
import type { User } from '../src/account/user/users.table';
import { actorOf, contextOf, publicUrl, startAuth, startServers, type TestAuth } from './auth';
import type { Browser } from './browser';
import { HostileIssuer } from './hostile-issuer';
import { startIssuer, type IssuerPerson, type TestIssuer } from './issuer';

export type Callback = RequestInput<typeof finishOauth>;
export type Finished = ResponseOf<typeof finishOauth>;

type StepUpChanges = Partial<RequestInput<typeof beginOauthReauthentication>>;

export interface Flow {
  readonly provider: string;
  readonly browserSecret: string;
  /** Where the browser was redirected. A test can change it. */
  readonly url: URL;
}

/** Two replicas of auth and three issuers: `acme` and `other` are honest, `hostile` says whatever a test wants. */
export interface TestOauth {
  readonly auth: TestAuth;
  readonly replica: TestAuth;
  readonly acme: TestIssuer;
  readonly other: TestIssuer;
  readonly hostile: HostileIssuer;
  begin(provider: string, returnTo?: string): Promise<Flow>;
  beginLink(actor: SessionActor, provider: string): Promise<Flow>;
  beginStepUp(actor: SessionActor, provider: string, changes?: StepUpChanges): Promise<Flow>;
  /** Signs the person in at the issuer, by default in a new browser. Returns what the browser comes back with. */
  visit(flow: Flow, person: IssuerPerson | null, browser?: Browser): Promise<Callback>;
  finish(callback: Callback, at?: TestAuth): Promise<Finished>;
  /** The whole flow. */
  signIn(provider: string, person: IssuerPerson): Promise<Finished>;
  link(user: User, provider: string, person: IssuerPerson): Promise<Finished>;
  /** The actor of an open session. */
  actor(user: User): Promise<SessionActor>;
}

export function aPerson(changes: Readonly<Record<string, unknown>> = {}): IssuerPerson & { email: string } {
  const id = newId();
  return { sub: id, email: `${id}@example.com`, email_verified: true, name: 'Grace Hopper', ...changes };
}

const sessionClaims = z.object({ sid: z.uuid() });
const answered = z.object({
  code: z.string().exactOptional(),
  iss: z.string().exactOptional(),
  error: z.string().exactOptional(),
});

export function callbackUri(provider: string): string {
  return `${publicUrl}/api/v1/auth/oauth/${provider}/callback`;
}

export async function startOauth(): Promise<TestOauth> {
  const [acme, other, hostile, servers] = await Promise.all([
    startIssuer({ id: 'acme', redirectUri: callbackUri('acme') }),
    startIssuer({ id: 'other', redirectUri: callbackUri('other'), tellsInIdToken: true }),
    HostileIssuer.start('hostile'),
    startServers(),
  ]);
  const providers = [acme, other, hostile].map(({ settings }) => settings);
  const variables = { OIDC_PROVIDERS: JSON.stringify(providers) };
  const [auth, replica] = await Promise.all([startAuth(servers, variables), startAuth(servers, variables)]);
  const issuers: Readonly<Record<string, TestIssuer>> = { acme, other };
  const flowOf = (provider: string, { url, browserSecret }: { url: string; browserSecret: string }): Flow => {
    hostile.nonce = new URL(url).searchParams.get('nonce') ?? '';
    return { provider, browserSecret, url: new URL(url) };
  };
  const oauth: TestOauth = {
    auth,
    replica,
    acme,
    other,
    hostile,
    begin: async (provider, returnTo = '/') =>
      flowOf(provider, await auth.rpc.call(beginOauth, { provider, returnTo })),
    beginLink: async (actor, provider) =>
      flowOf(provider, await auth.rpc.call(linkIdentity, { provider }, { context: contextOf({ actor }) })),
    beginStepUp: async (actor, provider, changes = {}) => {
      const request = { provider, cookies: true, ...changes };
      const context = contextOf({ actor });
      return flowOf(provider, await auth.rpc.call(beginOauthReauthentication, request, { context }));
    },
    visit: async (flow, person, browser) => {
      const issuer = issuers[flow.provider];
      if (issuer === undefined) return callbackOf(flow, { code: 'any' });
      issuer.person = person;
      const back = new URL(await issuer.visit(flow.url.href, browser));
      return callbackOf(flow, Object.fromEntries(back.searchParams));
    },
    finish: (callback, at = auth) => at.rpc.call(finishOauth, callback, { context: contextOf() }),
    signIn: async (provider, person) => oauth.finish(await oauth.visit(await oauth.begin(provider), person)),
    link: async (user, provider, person) =>
      oauth.finish(await oauth.visit(await oauth.beginLink(await oauth.actor(user), provider), person)),
    actor: async (user) => actorOf(user, sessionClaims.parse(decodeJwt((await auth.aSession(user)).accessToken)).sid),
  };
  return oauth;
}

function callbackOf({ provider, browserSecret, url }: Flow, answer: Readonly<Record<string, string>>): Callback {
  const state = answer['state'] ?? url.searchParams.get('state') ?? '';
  return { provider, browserSecret, state, ...answered.parse(answer) };
}

/** The user of the session. */
export function userIdOf(finished: Finished): string {
  if (finished.outcome !== 'signed_in') throw new Error(`The outcome was ${finished.outcome}.`);
  return finished.session.user.id;
}
