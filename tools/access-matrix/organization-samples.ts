import { randomUUID } from 'node:crypto';
import type { DeclaredRoute } from './routes';
import type { Belongings } from './people';
import { picture } from './picture';
import { body, nothing, type Sample } from './sample';
import type { Stage } from './stage';

type Prepare = (stage: Omit<Stage, 'headers'>, people: Belongings) => Promise<object>;

/** @param prepare returns the body */
const at = (prepare: Prepare, rest: Omit<Sample, 'given'> = {}): Sample => ({
  given: async (stage, people) => ({
    path: { organizationId: stage.organizationId },
    body: await prepare(stage, people),
  }),
  ...rest,
});
const here = (rest: Omit<Sample, 'given'> = {}): Sample => ({
  given: async ({ organizationId }) => ({ path: { organizationId } }),
  ...rest,
});

/**
 * Creates a member whose role has no permission, because members can't assign or take away permissions
 * that they lack.
 */
async function someMember(organizationId: string, people: Belongings): Promise<string> {
  const { id } = await people.someone();
  await people.organizations.join(organizationId, id, []);
  return id;
}

const member = (content?: Prepare): Sample => ({
  given: async (stage, people) => ({
    path: { organizationId: stage.organizationId, userId: await someMember(stage.insideOf, people) },
    ...(content && { body: await content(stage, people) }),
  }),
});
const role = (content?: object): Sample => ({
  given: async ({ organizationId, insideOf }, people) => ({
    path: { organizationId, roleId: await people.organizations.role(insideOf, []) },
    ...(content && { body: content }),
  }),
});

const invitation: Sample = {
  given: async ({ organizationId, insideOf }, people) => ({
    path: { organizationId, invitationId: await people.organizations.invite(insideOf) },
  }),
};
const newInvitation: Prepare = async ({ organizationId }, people) => ({
  email: `${randomUUID()}@example.com`,
  role: await people.organizations.role(organizationId, []),
});

/** An offer that another owner has made to the caller. */
const offered = (rest: Omit<Sample, 'given'> = {}): Sample => ({
  given: async ({ organizationId, otherOwner, me }, people) => {
    await people.organizations.offer(organizationId, otherOwner.id, me.id);
    return { path: { organizationId } };
  },
  ...rest,
});

type OfOrganizations = Extract<DeclaredRoute, `${string} /api/v1/organizations${string}`>;

export const ofOrganizations: Readonly<Record<OfOrganizations, Sample>> = {
  'GET /api/v1/organizations': nothing,
  'POST /api/v1/organizations': body({ name: 'Acme' }),
  'GET /api/v1/organizations/{organizationId}': here(),
  'PATCH /api/v1/organizations/{organizationId}': at(async () => ({ name: 'Acme' })),
  'DELETE /api/v1/organizations/{organizationId}': here({ fresh: true }),
  'POST /api/v1/organizations/{organizationId}/restore': here(),
  'PUT /api/v1/organizations/{organizationId}/logo': at(picture),
  'DELETE /api/v1/organizations/{organizationId}/logo': here(),
  'GET /api/v1/organizations/{organizationId}/members': here(),
  'PATCH /api/v1/organizations/{organizationId}/members/{userId}': member(async ({ organizationId }, people) => ({
    role: await people.organizations.role(organizationId, []),
  })),
  'DELETE /api/v1/organizations/{organizationId}/members/{userId}': member(),
  'DELETE /api/v1/organizations/{organizationId}/members/me': here({ fresh: true }),
  'GET /api/v1/organizations/{organizationId}/roles': here(),
  'POST /api/v1/organizations/{organizationId}/roles': at(async () => ({
    name: randomUUID(),
    permissions: ['roles:manage'],
  })),
  'PATCH /api/v1/organizations/{organizationId}/roles/{roleId}': role({ name: 'Auditors' }),
  'DELETE /api/v1/organizations/{organizationId}/roles/{roleId}': role(),
  'GET /api/v1/organizations/{organizationId}/transfer': offered(),
  'POST /api/v1/organizations/{organizationId}/transfer': at(async ({ otherOwner }) => ({ userId: otherOwner.id }), {
    fresh: true,
  }),
  'DELETE /api/v1/organizations/{organizationId}/transfer': offered(),
  'POST /api/v1/organizations/{organizationId}/transfer/accept': offered({ fresh: true }),
  'POST /api/v1/organizations/{organizationId}/transfer/decline': offered(),
  'GET /api/v1/organizations/{organizationId}/invitations': here(),
  'POST /api/v1/organizations/{organizationId}/invitations': at(newInvitation),
  'POST /api/v1/organizations/{organizationId}/invitations/batch': at(async (stage, people) => ({
    invitations: [await newInvitation(stage, people)],
  })),
  'DELETE /api/v1/organizations/{organizationId}/invitations/{invitationId}': invitation,
  'POST /api/v1/organizations/{organizationId}/invitations/{invitationId}/resend': invitation,
  'GET /api/v1/organizations/{organizationId}/audit-log': here(),
  'GET /api/v1/organizations/{organizationId}/audit-log/export': {
    given: async ({ organizationId }) => ({ path: { organizationId }, query: '?format=jsonl' }),
  },
};
