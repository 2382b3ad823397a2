import { invitation, member, organization, role, type Organization } from '#libs/contracts';
import { z } from 'zod';
import type { DemoClient, DemoUser } from './demo-client';

export const demoPassword = 'a demo needs no secret';

const user = (name: string, email: string): DemoUser => ({ name, email, password: demoPassword });
const ada = user('Ada Lovelace', 'ada@engines.example.com');
const charles = user('Charles Babbage', 'charles@engines.example.com');
const mary = user('Mary Somerville', 'mary@engines.example.com');
const luigi = user('Luigi Menabrea', 'luigi@engines.example.com');
const grace = user('Grace Hopper', 'grace@compilers.example.com');
const jean = user('Jean Sammet', 'jean@compilers.example.com');

interface Company {
  readonly name: string;
  readonly owner: DemoUser;
  /** The organization's custom role. */
  readonly role: { readonly name: string; readonly permissions: readonly string[] };
  /** Members with the names of their roles. */
  readonly members: readonly (readonly [DemoUser, string])[];
  /** Invited email addresses without an account. */
  readonly invited: readonly (readonly [string, string])[];
}

const companies: readonly Company[] = [
  {
    name: 'Analytical Engines',
    owner: ada,
    role: {
      name: 'Bookkeeper',
      permissions: ['organization:read', 'members:read', 'billing:read', 'audit:read'],
    },
    members: [
      [charles, 'admin'],
      [mary, 'member'],
      [luigi, 'Bookkeeper'],
      [grace, 'viewer'],
    ],
    invited: [
      ['augustus@engines.example.com', 'member'],
      ['sophia@engines.example.com', 'viewer'],
    ],
  },
  {
    name: 'Compiler Works',
    owner: grace,
    role: { name: 'Recruiter', permissions: ['organization:read', 'members:read', 'members:invite', 'roles:read'] },
    members: [
      [jean, 'Recruiter'],
      [ada, 'viewer'],
    ],
    invited: [['howard@compilers.example.com', 'admin']],
  },
];

export interface DemoRow {
  readonly name: string;
  readonly email: string;
  /** Such as "admin of Analytical Engines", for each of their organizations. */
  readonly role: string;
}

/**
 * Creates the missing parts of the demo.
 * @param say is called before each step
 */
export async function makeDemo(client: DemoClient, say: (line: string) => void): Promise<readonly DemoRow[]> {
  const tokens = new Map<DemoUser, string>();
  for (const someone of [ada, charles, mary, luigi, grace, jean]) {
    say(`${someone.name} signs in …`);
    tokens.set(someone, await client.signIn(someone));
  }
  const demo = new Demo(client, tokens);
  for (const company of companies) {
    say(`${company.name} invites its people …`);
    await demo.found(company);
  }
  return [...tokens.keys()].map(({ name, email }) => ({ name, email, role: rolesOf(email) }));
}

function rolesOf(email: string): string {
  const roles = companies.flatMap(({ name, owner, members }) =>
    [[owner, 'owner'] as const, ...members].flatMap(([{ email: own }, role]) =>
      own === email ? [`${role} of ${name}`] : [],
    ),
  );
  return roles.join(', ');
}

const list = <T extends z.ZodType>(item: T) => z.object({ data: z.array(item) });

class Demo {
  constructor(
    private readonly client: DemoClient,
    private readonly tokens: ReadonlyMap<DemoUser, string>,
  ) {}

  async found(company: Company): Promise<void> {
    const token = this.tokenOf(company.owner);
    const { id } = await this.organizationOf(company, token);
    const path = `/organizations/${id}`;
    const roles = await this.rolesIn(path, company.role, token);
    const present = await this.presentIn(path, token);
    for (const [{ email }, role] of [
      ...company.members,
      ...company.invited.map(([email, role]) => [{ email }, role] as const),
    ]) {
      if (present.has(email)) continue;
      await this.client.call('POST', `${path}/invitations`, { body: { email, role: roles.get(role) ?? role }, token });
    }
    for (const [someone] of company.members) {
      if (!present.has(someone.email) || present.get(someone.email) === 'invited') await this.accept(someone);
    }
  }

  private async organizationOf({ name }: Company, token: string): Promise<Organization> {
    const { data } = list(organization).parse(await this.client.call('GET', '/organizations', { token }));
    const found = data.find((each) => each.name === name);
    return found ?? organization.parse(await this.client.call('POST', '/organizations', { body: { name }, token }));
  }

  /** Returns role ids by name. Creates the company's custom role if it is missing. */
  private async rolesIn(path: string, own: Company['role'], token: string): Promise<ReadonlyMap<string, string>> {
    const look = async () => {
      const { data } = list(role).parse(await this.client.call('GET', `${path}/roles`, { token }));
      return new Map(data.map(({ id, name }) => [name, id]));
    };
    const roles = await look();
    if (roles.has(own.name)) return roles;
    await this.client.call('POST', `${path}/roles`, { body: own, token });
    return look();
  }

  private async presentIn(path: string, token: string): Promise<ReadonlyMap<string, 'member' | 'invited'>> {
    const members = list(member).parse(await this.client.call('GET', `${path}/members?limit=100`, { token }));
    const pending = list(invitation).parse(
      await this.client.call('GET', `${path}/invitations?limit=100&state=pending`, { token }),
    );
    return new Map([
      ...pending.data.map(({ email }) => [email, 'invited'] as const),
      ...members.data.map(({ email }) => [email, 'member'] as const),
    ]);
  }

  private async accept(someone: DemoUser): Promise<void> {
    const token = await this.client.mailedToken(someone.email, 'invitation');
    await this.client.call('POST', '/invitations/accept', { body: { token }, token: this.tokenOf(someone) });
  }

  private tokenOf(someone: DemoUser): string {
    const token = this.tokens.get(someone);
    if (token === undefined) throw new Error(`${someone.name} has not signed in.`);
    return token;
  }
}
