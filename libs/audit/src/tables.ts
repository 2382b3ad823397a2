import type { QueryRunner } from 'typeorm';

/**
 * For one migration of the service that has the audit log. docs/audit-log.md describes the guarantees.
 * Migrations that ran are never edited, so a later change of these tables is a new function.
 */
export async function createAuditLog(queryRunner: QueryRunner): Promise<void> {
  const statements = [...tables, ...indexes, ...chaining, ...guards, ...triggers, ...separation, ...rights];
  for (const statement of statements) await queryRunner.query(statement);
}

export async function dropAuditLog(queryRunner: QueryRunner): Promise<void> {
  await queryRunner.query('DROP TABLE audit_entries, audit_chains');
  await queryRunner.query(
    'DROP FUNCTION audit_append(), audit_guard_entry(), audit_guard_chain(), audit_guard_table(), audit_hash',
  );
}

/** No foreign keys: an entry outlives the organization and the users that it names. */
const tables = [
  `CREATE TABLE audit_chains (
    organization_id uuid UNIQUE NULLS NOT DISTINCT,
    sequence bigint NOT NULL,
    created_at timestamptz NOT NULL,
    previous_hash bytea NOT NULL,
    hash bytea NOT NULL
  )`,
  `CREATE TABLE audit_entries (
    id uuid PRIMARY KEY,
    organization_id uuid,
    sequence bigint NOT NULL,
    actor_kind text NOT NULL CHECK (actor_kind IN ('session', 'api_key', 'system')),
    actor_id uuid CHECK ((actor_id IS NULL) = (actor_kind = 'system')),
    credential_id uuid,
    impersonator_id uuid,
    act text NOT NULL,
    target_type text NOT NULL,
    target_id text NOT NULL CHECK (length(target_id) <= 128),
    before jsonb,
    after jsonb,
    request_id text NOT NULL,
    ip text,
    salt bytea,
    details_hash bytea NOT NULL CHECK (octet_length(details_hash) = 32),
    created_at timestamptz NOT NULL,
    erased_at timestamptz,
    previous_hash bytea NOT NULL,
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    CONSTRAINT audit_entries_chain_key UNIQUE NULLS NOT DISTINCT (organization_id, sequence)
  )`,
];

const indexes = ['actor_id', 'act', 'target_id', 'created_at'].map(
  (column) => `CREATE INDEX audit_entries_${column}_idx ON audit_entries (organization_id, ${column}, sequence)`,
);

/**
 * The trigger sets sequence, time and hash. As `hash`, the service passes only the digest of the content.
 * The chain's row stays locked until the commit, so a chain has no gap or fork, and time never goes back.
 */
const chaining = [
  `CREATE FUNCTION audit_hash(previous bytea, place bigint, at timestamptz, content bytea) RETURNS bytea
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN sha256('\\x01'::bytea || previous || int8send(place) || int8send((extract(epoch FROM at) * 1000)::bigint) || content)`,
  `CREATE FUNCTION audit_append() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  DECLARE
    head public.audit_chains;
    clock timestamptz := date_trunc('milliseconds', clock_timestamp());
    genesis bytea := decode(repeat('00', 32), 'hex');
  BEGIN
    INSERT INTO public.audit_chains AS chain (organization_id, sequence, created_at, previous_hash, hash)
    VALUES (NEW.organization_id, 1, clock, genesis, public.audit_hash(genesis, 1, clock, NEW.hash))
    ON CONFLICT (organization_id) DO UPDATE SET
      sequence = chain.sequence + 1,
      created_at = greatest(chain.created_at, clock),
      previous_hash = chain.hash,
      hash = public.audit_hash(chain.hash, chain.sequence + 1, greatest(chain.created_at, clock), NEW.hash)
    RETURNING * INTO head;
    NEW.sequence := head.sequence;
    NEW.created_at := head.created_at;
    NEW.previous_hash := head.previous_hash;
    NEW.hash := head.hash;
    NEW.erased_at := NULL;
    RETURN NEW;
  END $$`,
];

const refuse = (why: string) => `RAISE EXCEPTION '${why}' USING ERRCODE = 'insufficient_privilege'`;

/** These also stop the owner and superusers. An erasure may only clear what can be personal, and must mark the entry. */
const guards = [
  `CREATE FUNCTION audit_guard_entry() RETURNS trigger
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
  DECLARE
    erased public.audit_entries := OLD;
  BEGIN
    IF current_setting('app.audit_erasure', true) = 'on' AND NEW.erased_at IS NOT NULL THEN
      erased.before := NULL;
      erased.after := NULL;
      erased.ip := NULL;
      erased.salt := NULL;
      erased.erased_at := NEW.erased_at;
      IF NEW IS NOT DISTINCT FROM erased THEN RETURN NEW; END IF;
    END IF;
    ${refuse('Entries of the audit log are not changed.')};
  END $$`,
  `CREATE FUNCTION audit_guard_chain() RETURNS trigger
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
  BEGIN
    IF NEW.organization_id IS NOT DISTINCT FROM OLD.organization_id
      AND NEW.sequence = OLD.sequence + 1 AND NEW.previous_hash = OLD.hash THEN RETURN NEW; END IF;
    ${refuse('The head of an audit chain only goes forward.')};
  END $$`,
  `CREATE FUNCTION audit_guard_table() RETURNS trigger
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
  BEGIN
    ${refuse('Nothing is deleted from the audit log.')};
  END $$`,
];

/** An ALWAYS trigger also runs when session_replication_role is set. */
const guarded = (table: string, event: string, action: string) => [
  `CREATE TRIGGER audit_guard_${event} BEFORE ${event} ON ${table} ${action}`,
  `ALTER TABLE ${table} ENABLE ALWAYS TRIGGER audit_guard_${event}`,
];

const triggers = [
  'CREATE TRIGGER audit_append BEFORE INSERT ON audit_entries FOR EACH ROW EXECUTE FUNCTION audit_append()',
  ...guarded('audit_entries', 'update', 'FOR EACH ROW EXECUTE FUNCTION audit_guard_entry()'),
  ...guarded('audit_entries', 'delete', 'EXECUTE FUNCTION audit_guard_table()'),
  ...guarded('audit_entries', 'truncate', 'EXECUTE FUNCTION audit_guard_table()'),
  ...guarded('audit_chains', 'update', 'FOR EACH ROW EXECUTE FUNCTION audit_guard_chain()'),
  ...guarded('audit_chains', 'delete', 'EXECUTE FUNCTION audit_guard_table()'),
  ...guarded('audit_chains', 'truncate', 'EXECUTE FUNCTION audit_guard_table()'),
];

const ours = "organization_id = nullif(current_setting('app.organization_id', true), '')::uuid";
const anybodys = "current_setting('app.platform', true) = 'on'";

/** A tenant reads its own chain. Any act may add to the platform's chain, but only `acrossTenants` reads it. */
const separation = [
  'ALTER TABLE audit_entries ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY',
  'ALTER TABLE audit_chains ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY',
  `CREATE POLICY read ON audit_entries FOR SELECT USING (${ours} OR ${anybodys})`,
  `CREATE POLICY add ON audit_entries FOR INSERT WITH CHECK (${ours} OR ${anybodys} OR organization_id IS NULL)`,
  `CREATE POLICY erase ON audit_entries FOR UPDATE USING (${anybodys})`,
  `CREATE POLICY head ON audit_chains USING (${ours} OR ${anybodys} OR organization_id IS NULL)`,
];

/** Revokes from every role that the owner's default privileges name, because operators choose the service's role name. */
const takeBack = (table: string, privileges: string) => `
  DO $$
  DECLARE holder oid;
  BEGIN
    FOR holder IN
      SELECT DISTINCT acl.grantee FROM pg_class c, aclexplode(c.relacl) acl
      WHERE c.oid = '${table}'::regclass AND acl.grantee <> c.relowner
    LOOP
      EXECUTE 'REVOKE ${privileges} ON ${table} FROM ' ||
        CASE holder WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(holder)) END;
    END LOOP;
  END $$`;

const rights = [
  takeBack('audit_entries', 'UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER'),
  takeBack('audit_chains', 'INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER'),
];
