import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AddOrganizationSearch1767300000000 implements MigrationInterface {
  readonly name = 'AddOrganizationSearch1767300000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    // lower() may leak what it is given by its errors: behind row-level security no index is searched by it, but by a column.
    await queryRunner.query(
      'ALTER TABLE organizations ADD COLUMN name_key text GENERATED ALWAYS AS (lower(name)) STORED',
    );
    await queryRunner.query('CREATE INDEX organizations_slug_prefix_idx ON organizations (slug COLLATE "C")');
    await queryRunner.query('CREATE INDEX organizations_name_prefix_idx ON organizations (name_key COLLATE "C", id)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP INDEX organizations_name_prefix_idx, organizations_slug_prefix_idx');
    await queryRunner.query('ALTER TABLE organizations DROP COLUMN name_key');
  }
}
