import { defineEvent } from '#libs/contracts';
import { createOutboxAndInbox } from '#libs/jobs';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { z } from 'zod';

/** The size of an ordinary event: some ids and words. */
export const benched = defineEvent('bench.happened', {
  subscribers: ['billing'],
  payload: z.strictObject({ isTimed: z.boolean(), text: z.string() }),
  confidential: true,
});

/** Any key works, as long as both processes use it. */
export const benchKey = 'cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=';

export class CreateBench1764000000000 implements MigrationInterface {
  readonly name = 'CreateBench1764000000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await createOutboxAndInbox(queryRunner);
    await queryRunner.query('CREATE TABLE effects (text text NOT NULL)');
    await queryRunner.query('CREATE EXTENSION pg_stat_statements');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE effects, outbox_deliveries, outbox, inbox');
  }
}
