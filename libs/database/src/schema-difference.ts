import { createDataSource, type DatabaseOptions } from './data-source';

export interface SchemaDifference {
  /** Statements that make the database what the entities declare. */
  readonly up: readonly string[];
  /** Those that take it back, in their order. */
  readonly down: readonly string[];
  /** Tables of the entities. */
  readonly tables: readonly string[];
}

/** Where TypeORM looks for the expressions of generated columns. PostgreSQL knows them. */
const metadataTable = `CREATE TEMPORARY TABLE typeorm_metadata (type, database, schema, "table", name, value) AS
  SELECT 'GENERATED_COLUMN', current_database()::text, table_schema::text, table_name::text, column_name::text, generation_expression::text
  FROM information_schema.columns WHERE is_generated = 'ALWAYS'`;

/** What TypeORM finds when it compares a database with entities. Changes nothing. */
export async function schemaDifference(options: Omit<DatabaseOptions, 'poolSize'>): Promise<SchemaDifference> {
  // With one connection, the builder sees the temporary table.
  const dataSource = createDataSource({ ...options, poolSize: 1 });
  await dataSource.initialize();
  try {
    await dataSource.query(metadataTable);
    const { upQueries, downQueries } = await dataSource.driver.createSchemaBuilder().log();
    return {
      up: upQueries.map(({ query }) => query),
      down: downQueries.map(({ query }) => query).toReversed(),
      tables: dataSource.entityMetadatas.map(({ tableName }) => tableName),
    };
  } finally {
    await dataSource.destroy();
  }
}
