import { accessTokenClaims, platformRoles, type Session, type SessionActor, type StaffRole } from '#libs/contracts';
import { decodeJwt } from 'jose';
import { SessionService } from '../src/session/session/session.service';
import type { User } from '../src/account/user/users.table';
import { aClient } from './as';
import { contextOf, type TestAuth } from './auth';

/** The actor in a session's access token, as the gateway reads it. */
export function actorIn({ accessToken }: Pick<Session, 'accessToken'>): SessionActor {
  const { sub, sid, roles, auth_time, act, read_only } = accessTokenClaims.parse(decodeJwt(accessToken));
  const impersonation = act === undefined ? {} : { impersonatorId: act.sub, readOnly: read_only !== false };
  return {
    kind: 'session',
    userId: sub,
    sessionId: sid,
    authenticatedAt: auth_time,
    organizationId: null,
    roles,
    ...impersonation,
  };
}

/** The options of a call in that session. */
export const inSession = (session: Pick<Session, 'accessToken'>) => ({
  context: contextOf({ actor: actorIn(session), client: aClient() }),
});

/** Signs a user in, by default with a second factor. */
export function sessionOf(auth: TestAuth, user: User, secondFactor = true): Promise<Session> {
  const sessions = auth.application.get(SessionService, { strict: false });
  return auth.dataSource.transaction((manager) =>
    sessions.start(manager, user, { method: 'password', client: null, isNewDevice: false, secondFactor }),
  );
}

/** A staff member who signed in with a second factor, and the options of their calls. */
export async function aStaffMember(auth: TestAuth, staffRole: StaffRole = 'admin') {
  const user = await auth.aUser({ staffRole, name: 'Grace' });
  const session = await sessionOf(auth, user);
  return { user, session, me: inSession(session), role: platformRoles[staffRole] };
}
