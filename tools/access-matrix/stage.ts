import type { Caller } from './callers';
import { scopes, type Policy } from './policy';
import { customPermissions } from './roles';
import { session } from '#libs/contracts';
import type { Edge, Given, ReceivedResponse } from './edge';
import type { People, Someone } from './people';

/** One caller that is ready to call. */
export interface Stage {
  readonly headers: Record<string, string>;
  readonly me: Someone;
  /** The owner of the data that the path names: the caller, or another user if the caller meddles. */
  readonly named: Someone;
  /** The organization that the path names. */
  readonly organizationId: string;
  /** Another owner of the organization. */
  readonly otherOwner: Someone;
  /** The organization of the data inside the path: the same, or another one if the caller strays. */
  readonly insideOf: string;
}

const minutesOfAStaleSignIn = 11;

/** Prepares callers. One serves all routes for which it has the same rights, because creating one takes a sign-in. */
export class Stages {
  private admin: Promise<string> | undefined;
  private readonly ready = new Map<string, Promise<Stage>>();

  constructor(
    private readonly edge: Edge,
    readonly people: People,
    private readonly untilRefused: (token: string) => Promise<void>,
  ) {}

  of(caller: Caller, policy: Policy): Promise<Stage> {
    const rights = [
      caller.scope === null ? [] : scopesOf(caller, policy),
      typeof roleOf(caller, policy) === 'string' ? [] : roleOf(caller, policy),
    ];
    const key = JSON.stringify([caller.name, rights]);
    const stage = this.ready.get(key) ?? this.fresh(caller, policy);
    this.ready.set(key, stage);
    return stage;
  }

  /** For a call that changes what its caller can do next. */
  async fresh(caller: Caller, policy: Policy): Promise<Stage> {
    const { people } = this;
    const [me, other] = await Promise.all([people.someone(standingOf(caller)), people.someone()]);
    const organizationId = await people.organizations.create(caller.organization);
    await people.organizations.join(organizationId, other.id, 'owner');
    const role = roleOf(caller, policy);
    if (role !== null) await people.organizations.join(organizationId, me.id, role);
    else if (caller.meddles) await people.organizations.join(await people.organizations.create(), me.id, 'owner');
    const insideOf = caller.strays ? await people.organizations.create() : organizationId;
    const headers = await this.credentialOf(me, caller, policy);
    return { me, named: caller.meddles ? other : me, organizationId, otherOwner: other, insideOf, headers };
  }

  private async credentialOf(me: Someone, caller: Caller, policy: Policy): Promise<Record<string, string>> {
    if (caller.credential === 'none') return {};
    if (caller.credential === 'api_key') return this.key(me, caller, policy);
    if (caller.acting !== null) return bearer(await this.actAs(me, caller.acting === 'changing'));
    const { refreshToken } = await this.people.session(me.id, {
      minutesAgo: caller.stale ? minutesOfAStaleSignIn : 0,
      secondFactor: caller.staff !== null && caller.staff !== 'one_factor',
    });
    if (caller.credential === 'cookie') return this.browser(caller, await this.edge.cookies(refreshToken));
    const token = await this.edge.accessToken(refreshToken);
    if (caller.gone === 'signed_out') await this.edge.ask('POST /api/v1/auth/logout', {}, bearer(token));
    if (caller.gone === 'suspended') await this.suspend(me);
    if (caller.gone !== null) await this.untilRefused(token);
    return bearer(token);
  }

  private async key(me: Someone, caller: Caller, policy: Policy): Promise<Record<string, string>> {
    const { key } = await this.people.apiKey(me.id, scopesOf(caller, policy));
    if (caller.gone === 'suspended') await this.suspend(me);
    return bearer(key);
  }

  private browser({ lacks }: Caller, cookies: ReadonlyMap<string, string>): Record<string, string> {
    const cookie = [...cookies].map((pair) => pair.join('=')).join('; ');
    const origin = lacks === 'origin' ? 'https://elsewhere.example' : this.edge.url;
    return { cookie, origin, ...(lacks === 'csrf_token' ? {} : { 'x-csrf-token': cookies.get('__Host-csrf') ?? '' }) };
  }

  private async suspend({ id }: Someone): Promise<void> {
    await this.administer(`POST /api/v1/admin/users/{id}/suspend`, { path: { id }, body: { reason: 'Ticket 4711' } });
  }

  private async actAs({ id }: Someone, write: boolean): Promise<string> {
    const input = { path: { id }, body: { reason: 'Ticket 4711', write } };
    const { body } = await this.administer(`POST /api/v1/admin/users/{id}/impersonate`, input);
    return session.parse(JSON.parse(body)).accessToken;
  }

  private async administer(route: string, given: Given): Promise<ReceivedResponse> {
    const response = await this.edge.ask(route, given, bearer(await (this.admin ??= this.administrator())));
    if (response.status >= 300) throw new Error(`${route}: ${response.body}`);
    return response;
  }

  private async administrator(): Promise<string> {
    const { id } = await this.people.someone('admin');
    return this.edge.accessToken((await this.people.session(id, { secondFactor: true })).refreshToken);
  }
}

function standingOf({ staff }: Caller): 'support' | 'admin' | null {
  return staff === 'one_factor' ? 'admin' : staff;
}

function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` };
}

export function scopesOf(caller: Caller, policy: Policy): readonly string[] {
  const named = policy.to === 'person' || policy.to === 'member' ? policy.scope : null;
  if (caller.scope === 'all_others') return scopes.filter((scope) => scope !== named);
  return named === null ? scopes : [named];
}

/** The name of a built-in role, or the permissions of a custom one. */
export function roleOf({ role }: Caller, policy: Policy): string | readonly string[] | null {
  const named = policy.to === 'member' ? policy.permission : null;
  if (role === 'custom') return customPermissions.filter((permission) => permission === named);
  if (role === 'other_custom') return customPermissions.filter((permission) => permission !== named);
  return role;
}
