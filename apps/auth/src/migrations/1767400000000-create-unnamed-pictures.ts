import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateUnnamedPictures1767400000000 implements MigrationInterface {
  readonly name = 'CreateUnnamedPictures1767400000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      'CREATE TABLE unnamed_pictures (id uuid PRIMARY KEY, stored_at timestamptz NOT NULL DEFAULT now())',
    );
    await queryRunner.query('CREATE INDEX unnamed_pictures_stored_at_idx ON unnamed_pictures (stored_at)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE unnamed_pictures');
  }
}
