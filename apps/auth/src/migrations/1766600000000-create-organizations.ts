import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateOrganizations1766600000000 implements MigrationInterface {
  readonly name = 'CreateOrganizations1766600000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of [...tables, ...indexes]) await queryRunner.query(statement);
    for (const table of ['organizations', 'memberships', 'organization_roles', 'ownership_transfers', 'invitations']) {
      for (const statement of walls(table)) await queryRunner.query(statement);
    }
    for (const statement of ownRows) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      'DROP TABLE invitations, ownership_transfers, memberships, organization_roles, organizations',
    );
  }
}

// A custom role is of the same organization as who has it. Checked at COMMIT, so that an organization goes with all its rows at once.
const customRole = `
  FOREIGN KEY (organization_id, custom_role_id) REFERENCES organization_roles (organization_id, id)
    DEFERRABLE INITIALLY DEFERRED,
  CHECK (role IN ('owner', 'admin', 'member', 'viewer', 'custom')),
  CHECK ((role = 'custom') = (custom_role_id IS NOT NULL))`;

const tables = [
  `CREATE TABLE organizations (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    slug text NOT NULL UNIQUE,
    logo_object uuid,
    seat_limit integer CHECK (seat_limit > 0),
    suspended_at timestamptz,
    deletion_requested_at timestamptz,
    delete_after timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CHECK ((deletion_requested_at IS NULL) = (delete_after IS NULL))
  )`,
  `CREATE TABLE organization_roles (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    name text NOT NULL,
    permissions text[] NOT NULL CHECK (NOT permissions && '{organization:delete,organization:transfer}'),
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (organization_id, id)
  )`,
  `CREATE TABLE memberships (
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    role text NOT NULL,
    custom_role_id uuid,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, user_id),
    ${customRole}
  )`,
  `CREATE TABLE ownership_transfers (
    organization_id uuid PRIMARY KEY REFERENCES organizations ON DELETE CASCADE,
    from_user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    to_user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    CHECK (from_user_id <> to_user_id)
  )`,
  `CREATE TABLE invitations (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    email text NOT NULL,
    role text NOT NULL,
    custom_role_id uuid,
    invited_by uuid REFERENCES users ON DELETE SET NULL,
    selector text NOT NULL UNIQUE,
    verifier_hash text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    accepted_at timestamptz,
    declined_at timestamptz,
    revoked_at timestamptz,
    CHECK (num_nonnulls(accepted_at, declined_at, revoked_at) <= 1),
    ${customRole}
  )`,
];

const isOpen = 'accepted_at IS NULL AND declined_at IS NULL AND revoked_at IS NULL';

const indexes = [
  'CREATE INDEX organizations_delete_after_idx ON organizations (delete_after) WHERE delete_after IS NOT NULL',
  'CREATE UNIQUE INDEX organization_roles_name_key ON organization_roles (organization_id, lower(name))',
  'CREATE INDEX memberships_user_id_idx ON memberships (user_id, organization_id)',
  `CREATE INDEX memberships_owner_idx ON memberships (organization_id) WHERE role = 'owner'`,
  `CREATE INDEX memberships_custom_role_idx ON memberships (organization_id, custom_role_id)
    WHERE custom_role_id IS NOT NULL`,
  'CREATE INDEX ownership_transfers_from_user_id_idx ON ownership_transfers (from_user_id)',
  'CREATE INDEX ownership_transfers_to_user_id_idx ON ownership_transfers (to_user_id)',
  'CREATE INDEX ownership_transfers_expires_at_idx ON ownership_transfers (expires_at)',
  'CREATE INDEX invitations_organization_id_idx ON invitations (organization_id, id)',
  `CREATE UNIQUE INDEX invitations_open_key ON invitations (organization_id, email) WHERE ${isOpen}`,
  `CREATE INDEX invitations_custom_role_idx ON invitations (organization_id, custom_role_id)
    WHERE custom_role_id IS NOT NULL`,
  'CREATE INDEX invitations_invited_by_idx ON invitations (invited_by)',
  'CREATE INDEX invitations_expires_at_idx ON invitations (expires_at)',
];

const currentTenant = "nullif(current_setting('app.organization_id', true), '')::uuid";
const currentUser = "nullif(current_setting('app.user_id', true), '')::uuid";

/** FORCE holds the tables' owner, too. Where nothing is set, as in a statement that somebody forgot to set it for, there are no rows. */
function walls(table: string): string[] {
  const column = table === 'organizations' ? 'id' : 'organization_id';
  return [
    `ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY`,
    `CREATE POLICY tenant ON ${table} USING (${column} = ${currentTenant})`,
    `CREATE POLICY platform ON ${table} USING (current_setting('app.platform', true) = 'on')`,
  ];
}

/** A person sees to which organizations they belong, and as what, without naming one. */
const ownRows = [
  `CREATE POLICY own ON memberships FOR SELECT USING (user_id = ${currentUser})`,
  `CREATE POLICY own ON organizations FOR SELECT
    USING (id IN (SELECT organization_id FROM memberships WHERE user_id = ${currentUser}))`,
  `CREATE POLICY own ON organization_roles FOR SELECT
    USING (id IN (SELECT custom_role_id FROM memberships WHERE user_id = ${currentUser}))`,
];
