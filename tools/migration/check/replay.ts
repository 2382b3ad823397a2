import { DataSource, type Logger, type MigrationInterface, type QueryRunner } from 'typeorm';
import { columnChanges, readCatalog, type Catalog, type ColumnChanges } from './catalog';

export type MigrationClass = new () => MigrationInterface;

export interface Replayed {
  readonly name: string;
  /** It runs in a transaction of its own, unless it says `transaction = false`. */
  readonly inTransaction: boolean;
  /** The statements that `up` sent, in order. */
  readonly statements: readonly string[];
  readonly changes: ColumnChanges;
  /** What is wrong with `down`, if anything is. */
  readonly downFault?: string;
}

export interface Replay {
  readonly migrations: readonly Replayed[];
  readonly end: Catalog;
}

class Recorder implements Logger {
  statements: string[] = [];

  logQuery(query: string): void {
    if (!/^(START TRANSACTION|COMMIT|ROLLBACK)$/.test(query)) this.statements.push(query.trim().replace(/;$/, ''));
  }

  logQueryError(): void {}
  logQuerySlow(): void {}
  logSchemaBuild(): void {}
  logMigration(): void {}
  log(): void {}
}

/** Runs each migration on an empty database: up, down, and up again. Its SQL and effect come from PostgreSQL itself. */
export async function replay(url: string, migrations: readonly MigrationClass[]): Promise<Replay> {
  const recorder = new Recorder();
  const source = await new DataSource({
    type: 'postgres',
    url,
    poolSize: 1,
    installExtensions: false,
    logging: ['query'],
    logger: recorder,
  }).initialize();
  const queryRunner = source.createQueryRunner();
  try {
    const replayed: Replayed[] = [];
    for (const migration of migrations) replayed.push(await replayOne(queryRunner, recorder, migration));
    return { migrations: replayed, end: await readCatalog(queryRunner) };
  } finally {
    await queryRunner.release();
    await source.destroy();
  }
}

async function replayOne(queryRunner: QueryRunner, recorder: Recorder, Class: MigrationClass): Promise<Replayed> {
  const migration = new Class();
  const inTransaction = migration.transaction !== false;
  const before = await readCatalog(queryRunner);
  const up = () => recorded(recorder, () => migration.up(queryRunner));
  const down = () => recorded(recorder, () => migration.down(queryRunner));
  const statements = inTransaction ? await inOne(queryRunner, 'commit', up) : await up();
  const changes = columnChanges(before, await readCatalog(queryRunner));
  const judgeDown = () => faultOfDown(queryRunner, before, down);
  // Later migrations need what this one did. In a transaction, its `down` is only tried.
  const downFault = inTransaction ? await inOne(queryRunner, 'rollback', judgeDown) : await judgeDown();
  if (!inTransaction && downFault === undefined) await up();
  return { name: Class.name, inTransaction, statements, changes, ...(downFault !== undefined && { downFault }) };
}

async function recorded(recorder: Recorder, work: () => Promise<void>): Promise<readonly string[]> {
  recorder.statements = [];
  await work();
  return [...recorder.statements];
}

async function inOne<T>(queryRunner: QueryRunner, end: 'commit' | 'rollback', work: () => Promise<T>): Promise<T> {
  await queryRunner.startTransaction();
  try {
    const result = await work();
    await (end === 'commit' ? queryRunner.commitTransaction() : queryRunner.rollbackTransaction());
    return result;
  } catch (error) {
    await queryRunner.rollbackTransaction();
    throw error;
  }
}

async function faultOfDown(
  queryRunner: QueryRunner,
  before: Catalog,
  down: () => Promise<readonly string[]>,
): Promise<string | undefined> {
  try {
    const statements = await down();
    if (statements.length === 0) return 'down does nothing. Write the statements that undo up.';
  } catch (error) {
    return `down fails: ${error instanceof Error ? error.message : String(error)}`;
  }
  const { definitions } = await readCatalog(queryRunner);
  const [difference] = [
    ...before.definitions.filter((text) => !definitions.includes(text)).map((text) => `it lacks the ${text}`),
    ...definitions.filter((text) => !before.definitions.includes(text)).map((text) => `it leaves the ${text}`),
  ];
  return difference === undefined ? undefined : `down does not undo up: ${difference}`;
}
