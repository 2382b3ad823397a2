import { newId } from '#libs/database';
import type { Pool } from 'pg';
import type { Caller } from './callers';

/** Creates organizations directly in auth's database. The pool sees the rows of all organizations. */
export class Organizations {
  constructor(private readonly pool: Pick<Pool, 'query'>) {}

  async create(state: Caller['organization'] = 'open'): Promise<string> {
    const id = newId();
    const [suspended, deleting] = [state === 'suspended', state === 'being_deleted'];
    await this.pool.query(
      `INSERT INTO organizations (id, name, slug, suspended_at, deletion_requested_at, delete_after)
       SELECT $1, 'Acme', $2, CASE WHEN $3 THEN now() END, CASE WHEN $4 THEN now() END,
         CASE WHEN $4 THEN now() + interval '1 day' END`,
      [id, id, suspended, deleting],
    );
    return id;
  }

  /** @param role a built-in role, or the permissions of a custom one */
  async join(organizationId: string, userId: string, role: string | readonly string[]): Promise<void> {
    const customRoleId = typeof role === 'string' ? null : await this.role(organizationId, role);
    await this.pool.query(
      'INSERT INTO memberships (organization_id, user_id, role, custom_role_id) VALUES ($1, $2, $3, $4)',
      [organizationId, userId, typeof role === 'string' ? role : 'custom', customRoleId],
    );
  }

  /** Offers ownership, replacing any other offer. */
  async offer(organizationId: string, from: string, to: string): Promise<void> {
    await this.pool.query(
      `INSERT INTO ownership_transfers (organization_id, from_user_id, to_user_id, expires_at)
       VALUES ($1, $2, $3, now() + interval '1 day')
       ON CONFLICT (organization_id) DO UPDATE SET from_user_id = $2, to_user_id = $3`,
      [organizationId, from, to],
    );
  }

  /** Invites someone to a role without any permission. */
  async invite(organizationId: string): Promise<string> {
    const id = newId();
    await this.pool.query(
      `INSERT INTO invitations (id, organization_id, email, role, custom_role_id, selector, verifier_hash, expires_at)
       VALUES ($1, $2, $3, 'custom', $4, $5, '', now() + interval '1 day')`,
      [id, organizationId, `${id}@example.com`, await this.role(organizationId, []), id],
    );
    return id;
  }

  async role(organizationId: string, permissions: readonly string[]): Promise<string> {
    const id = newId();
    await this.pool.query(
      'INSERT INTO organization_roles (id, organization_id, name, permissions) VALUES ($1, $2, $3, $4)',
      [id, organizationId, id, permissions],
    );
    return id;
  }
}
