import { seatLimitChanged, type EventInput } from '#libs/contracts';
import { newId } from '#libs/database';
import { Outbox } from '#libs/jobs';
import { startAuth, untilHandled, type TestAuth } from '../../../test/auth';
import { limitSeats } from '../../../test/invitations';
import { anOrganization, everywhere } from '../../../test/organizations';

let auth: TestAuth;
beforeAll(async () => (auth = await startAuth()));

type Change = Omit<EventInput<typeof seatLimitChanged>, 'organizationId'>;

/** Sends the event as billing will. */
async function tell(organizationId: string, ...changes: Change[]): Promise<unknown> {
  const outbox = auth.application.get(Outbox, { strict: false });
  for (const change of changes) {
    await auth.dataSource.transaction((manager) =>
      outbox.add(manager, seatLimitChanged, { organizationId, ...change }),
    );
    await untilHandled(auth);
  }
  const [row] = await everywhere(auth, 'SELECT seat_limit FROM organizations WHERE id = $1', [organizationId]);
  return row?.['seat_limit'];
}

describe('the seat limit', () => {
  it('is the last one from billing, and ignores repeated and late changes', async () => {
    const { organization } = await anOrganization(auth);
    const { id } = organization;
    expect(await tell(id, { seatLimit: 5, version: 1 })).toBe(5);
    expect(await tell(id, { seatLimit: 10, version: 3 })).toBe(10);
    expect(await tell(id, { seatLimit: 2, version: 2 }, { seatLimit: 7, version: 3 })).toBe(10);
    expect(await tell(id, { seatLimit: null, version: 4 })).toBeNull();
  });

  it('applies to its organization, and is ignored for a deleted one', async () => {
    const [one, other] = [await anOrganization(auth), await anOrganization(auth)];
    await limitSeats(auth, other.organization.id, 9);
    expect(await tell(one.organization.id, { seatLimit: 3, version: 1 })).toBe(3);
    expect(await tell(newId(), { seatLimit: 1, version: 1 })).toBeUndefined();
    const rows = await everywhere(auth, 'SELECT seat_limit FROM organizations WHERE id = $1', [other.organization.id]);
    expect(rows).toEqual([{ seat_limit: 9 }]);
  });

  it('is at least one', () => {
    for (const seatLimit of [0, -1, 1.5, '3', undefined]) {
      expect(seatLimitChanged.payload.safeParse({ organizationId: newId(), seatLimit, version: 1 }).success).toBe(
        false,
      );
    }
  });
});
