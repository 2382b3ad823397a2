import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AddAvatarObjects1766500000000 implements MigrationInterface {
  readonly name = 'AddAvatarObjects1766500000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE users
        ADD COLUMN avatar_object uuid,
        ADD CONSTRAINT users_have_one_avatar CHECK (avatar_object IS NULL OR avatar_url IS NULL)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE users DROP COLUMN avatar_object');
  }
}
