import {
  getSigningKeys,
  platformRoles,
  ProblemError,
  serviceNames,
  staffWithoutSecondFactor,
  verifyApiKey,
  type Actor,
  type ApiKeyActor,
  type RequestContext,
  type RpcContract,
} from '#libs/contracts';
import { createApiKey } from '#libs/encryption';
import { RpcClient } from '#libs/rpc';
import { eventually } from '#libs/testing';
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { bearer, startGateway, type TestRequest, type TestGateway } from '../apps/gateway/test/gateway';
import { callers, type Caller } from '../tools/access-matrix/callers';
import { expected } from '../tools/access-matrix/expectation';
import type { Policy } from '../tools/access-matrix/policy';
import { declaredRoutes, policies, type DeclaredRoute } from '../tools/access-matrix/routes';
import { requestTo } from '../tools/access-matrix/edge';
import type { Belongings } from '../tools/access-matrix/people';
import { samples } from '../tools/access-matrix/samples';
import { scopesOf } from '../tools/access-matrix/stage';

/**
 * The gateway and the services check the same access, so that a mistake in one opens nothing. In a running
 * suite each check would hide a missing check of the other, so each is tested alone here. Checks that only
 * one of them makes are left out.
 */
const shared: readonly string[] = [
  'unauthenticated',
  'insufficient_scope',
  'staff_mfa_required',
  'impersonation_read_only',
  'reauthentication_required',
];
const isShared = (code: string, policy: Policy) =>
  shared.includes(code) || (code === 'permission_denied' && policy.to === 'staff');

/**
 * Only the gateway checks cookies and ended sessions. Only the service that owns the data checks roles in
 * an organization. One caller is enough for each remaining combination.
 */
const visitors = [
  ...new Map(
    callers
      .filter(({ credential, gone }) => credential !== 'cookie' && gone === null)
      .map((caller) => [
        JSON.stringify([caller.credential, caller.stale, caller.scope, caller.staff, caller.acting]),
        caller,
      ]),
  ).values(),
];
const methods = z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']);
const [userId, sessionId, apiKeyId, staffId] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];

let gateway: TestGateway;
let rpc: RpcClient;
const contractsOf = new Map<DeclaredRoute, RpcContract>();
beforeAll(async () => {
  const services = serviceNames.filter((name) => name !== 'gateway' && name !== 'auth');
  gateway = await startGateway({ variables: { RATE_LIMIT_FACTOR: '1000' }, services });
  rpc = gateway.application.get(RpcClient, { strict: false });
});
afterEach(() => jest.restoreAllMocks());

function rolesOf({ staff }: Caller): string[] {
  if (staff === null) return [];
  return [staff === 'one_factor' ? staffWithoutSecondFactor : platformRoles[staff]];
}

function actorOf(caller: Caller, policy: Policy): Actor | null {
  const authenticatedAt = Math.floor(Date.now() / 1_000) - (caller.stale ? 660 : 0);
  const bystander = { userId, organizationId: null, roles: rolesOf(caller) };
  if (caller.credential === 'none') return null;
  if (caller.credential === 'token') {
    const acting = caller.acting === null ? {} : { impersonatorId: staffId, readOnly: caller.acting === 'looking' };
    return { kind: 'session', sessionId, authenticatedAt, ...bystander, ...acting };
  }
  return { kind: 'api_key', apiKeyId, scopes: [...scopesOf(caller, policy)], ...bystander };
}

function knowKey({ scopes }: ApiKeyActor): void {
  const expiresAt = new Date(Date.now() + 60_000).toISOString();
  gateway.auth.verifyApiKey = async () => ({ apiKeyId, userId, scopes, expiresAt });
}

const owner = { id: userId, email: 'ada@example.com', password: 'a very good password' };
const stage = { me: owner, named: owner, otherOwner: owner, organizationId: randomUUID(), insideOf: randomUUID() };
const belongings: Belongings = {
  organizations: {
    join: async () => undefined,
    role: async () => randomUUID(),
    invite: async () => randomUUID(),
    offer: async () => undefined,
  },
  someone: async () => ({ ...owner, id: randomUUID() }),
  session: async () => ({ id: randomUUID(), refreshToken: '' }),
  apiKey: async () => ({ id: randomUUID(), key: '' }),
  passkey: async () => randomUUID(),
  identity: async () => randomUUID(),
};

async function requestOf(route: DeclaredRoute, headers: Record<string, string>): Promise<TestRequest> {
  const { given = async () => ({}) } = samples[route];
  const { method, path, body } = requestTo(route, await given(stage, belongings));
  const request = { method: methods.parse(method), url: path };
  if (!(body instanceof FormData)) return { ...request, headers, ...(body && { body }) };
  const form = new Response(body);
  const type = form.headers.get('content-type') ?? '';
  return { ...request, headers: { ...headers, 'content-type': type }, body: Buffer.from(await form.arrayBuffer()) };
}

async function headersOf(actor: Actor | null): Promise<Record<string, string>> {
  if (actor === null) return {};
  if (actor.kind === 'api_key') return bearer(createApiKey().key);
  const { authenticatedAt: auth_time, roles, impersonatorId, readOnly } = actor;
  const acting = impersonatorId === undefined ? {} : { act: { sub: impersonatorId }, read_only: readOnly };
  return bearer(await gateway.tokens.sign({ sub: userId, sid: sessionId, auth_time, roles, ...acting }));
}

const code = z.object({ code: z.string() }).catch({ code: 'none' });
const ofTheEdgeItself: readonly RpcContract[] = [verifyApiKey, getSigningKeys];

/** Returns 'admitted' if the gateway passes the call to a service, or else the code of the gateway's own response. */
async function atTheEdge(route: DeclaredRoute, caller: Caller): Promise<string> {
  const actor = actorOf(caller, policies[route]);
  if (actor?.kind === 'api_key') knowKey(actor);
  const calls = jest.spyOn(rpc, 'call');
  const response = await gateway.ask(await requestOf(route, await headersOf(actor)));
  const asked = calls.mock.calls.map(([contract]) => contract).find((contract) => !ofTheEdgeItself.includes(contract));
  calls.mockRestore();
  if (asked === undefined) return response.status < 400 ? 'admitted' : code.parse(response.json).code;
  contractsOf.set(route, asked);
  return 'admitted';
}

/** On a busy machine the gateway refuses all tokens for a moment, if it could not read the revoked sessions. */
async function onceItMayBelieve(route: DeclaredRoute, caller: Caller): Promise<string> {
  const outcome = async () => {
    const response = await atTheEdge(route, caller);
    return response === 'service_unavailable' ? undefined : response;
  };
  return eventually(outcome, { timeoutMs: 60_000 });
}

/** Returns what the service responds if the gateway admits everyone. */
async function atTheService(contract: RpcContract, caller: Caller, policy: Policy): Promise<string> {
  const traces = { requestId: randomUUID(), traceparent: null, locale: 'en', client: null };
  const context: RequestContext = { ...traces, actor: actorOf(caller, policy) };
  const refusal: unknown = await rpc.call(contract, {}, { context }).catch((error: unknown) => error);
  return refusal instanceof ProblemError && isShared(refusal.code, policy) ? refusal.code : 'admitted';
}

function expectedOf(route: DeclaredRoute): [string, string][] {
  return visitors.map((caller) => {
    const outcome = expected(policies[route], { route, caller });
    return [caller.name, isShared(outcome, policies[route]) ? outcome : 'admitted'];
  });
}

const closed = declaredRoutes.filter((route) => !['anyone', 'session'].includes(policies[route].to));

it.each(closed)('%s is closed by the gateway alone', async (route) => {
  const outcomes: [string, string][] = [];
  for (const caller of visitors) outcomes.push([caller.name, await onceItMayBelieve(route, caller)]);
  expect(outcomes).toEqual(expectedOf(route));
});

it.each(closed)('%s is closed by the service alone', async (route) => {
  const contract = contractsOf.get(route);
  if (contract === undefined) throw new Error('Nobody got through to the service.');
  const outcomes = visitors.map(async (caller): Promise<[string, string]> => [
    caller.name,
    await atTheService(contract, caller, policies[route]),
  ]);
  expect(await Promise.all(outcomes)).toEqual(expectedOf(route));
});
