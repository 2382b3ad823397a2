import type { MigrationInterface, QueryRunner } from 'typeorm';

export class RotateSigningKeys1766400000000 implements MigrationInterface {
  readonly name = 'RotateSigningKeys1766400000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    // The default lets a replica of the version before go on making its first key.
    await queryRunner.query(`
      ALTER TABLE signing_keys
        ADD COLUMN signs_from timestamptz NOT NULL DEFAULT now(),
        ADD COLUMN retires_at timestamptz`);
    await queryRunner.query('UPDATE signing_keys SET signs_from = created_at');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE signing_keys DROP COLUMN signs_from, DROP COLUMN retires_at');
  }
}
