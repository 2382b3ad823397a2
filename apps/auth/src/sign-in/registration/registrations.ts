import type { EventPayload, registrationRequested } from '#libs/contracts';
import { newId } from '#libs/database';
import { IsNull, type EntityManager } from 'typeorm';
import { User } from '../../account/user/user.entity';
import { accountByEmail, type Account } from '../../account/user/users';

export type Registration = EventPayload<typeof registrationRequested>;

/**
 * Nobody has proved to own an unverified account yet: the newest registration of its address replaces the older one.
 * @returns undefined when the address has a verified account, which stays as it is
 */
export async function saveUnverified(manager: EntityManager, registration: Registration): Promise<Account | undefined> {
  const { email, passwordHash, name, locale } = registration;
  const user = { id: newId(), email, passwordHash, name, locale };
  const inserted = await manager
    .createQueryBuilder()
    .insert()
    .into(User)
    .values(user)
    .orIgnore()
    .returning('id')
    .execute();
  if (Array.isArray(inserted.raw) && inserted.raw.length === 0) {
    const replaced = await manager.update(User, { email, emailVerifiedAt: IsNull() }, { passwordHash, name, locale });
    if (replaced.affected === 0) return undefined;
  }
  return accountByEmail(manager, email);
}

/**
 * For who has proved to read the address's mail in another way than by a link of ours to verify it. Links that were mailed before
 * are over.
 * @returns undefined when the address has a verified account, which stays as it is
 */
export async function saveVerified(manager: EntityManager, registration: Registration): Promise<Account | undefined> {
  const user = await saveUnverified(manager, registration);
  if (user === undefined) return undefined;
  await manager.update(User, { id: user.id }, { emailVerifiedAt: new Date() });
  return accountByEmail(manager, registration.email);
}
