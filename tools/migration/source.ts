export interface Migration {
  /** In ms since 1970. Migrations run in this order. */
  readonly time: number;
  /** In lowercase, with words joined by hyphens. */
  readonly name: string;
  readonly up: readonly string[];
  readonly down: readonly string[];
}

export function classNameOf({ name, time }: Pick<Migration, 'name' | 'time'>): string {
  const words = name.split('-').map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return `${words.join('')}${time}`;
}

export function fileNameOf({ name, time }: Pick<Migration, 'name' | 'time'>): string {
  return `${time}-${name}.ts`;
}

/** Returns a migration in the style of this project. */
export function sourceOf(migration: Migration): string {
  const className = classNameOf(migration);
  return `import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ${className} implements MigrationInterface {
  readonly name = '${className}';

  async up(queryRunner: QueryRunner): Promise<void> {
${statements(migration.up)}
  }

  async down(queryRunner: QueryRunner): Promise<void> {
${statements(migration.down)}
  }
}
`;
}

function statements(queries: readonly string[]): string {
  return queries.map((query) => `    await queryRunner.query(${literal(query)});`).join('\n');
}

function literal(query: string): string {
  if (!query.includes("'") && !query.includes('\\')) return `'${query}'`;
  return `\`${query.replaceAll(/[\\`]|\$\{/g, '\\$&')}\``;
}

/** Words that PostgreSQL reserves and that could become names here. */
// cspell:ignore analyse
const reserved = new Set(
  'all analyse check column default desc end from group limit offset order references select table to user when where'.split(
    ' ',
  ),
);

/** TypeORM quotes every name and adds the schema `public`. Names here need neither. */
export function withoutQuotes(query: string): string {
  return query
    .replaceAll('"public".', '')
    .replaceAll('  (', ' (')
    .trim()
    .replaceAll(/"([a-z][a-z0-9_]*)"/g, (quoted, name: string) => (reserved.has(name) ? quoted : name));
}

/** Returns the `database.ts` of a service with one more migration at the end. */
export function withMigration(source: string, migration: Pick<Migration, 'name' | 'time'>): string {
  const className = classNameOf(migration);
  const list = /export const migrations = \[([\s\S]*?),?\s*\];/;
  const [, before] = list.exec(source) ?? [];
  if (before === undefined) throw new Error('database.ts has no list of migrations.');
  const path = `./migrations/${fileNameOf(migration).replace(/\.ts$/, '')}`;
  const separator = before.trim() === '' ? '' : ',';
  const [imported] = source.match(/^import .* from '\.\/migrations\/.*';\n(?!import .* from '\.\/migrations\/)/m) ?? [
    '',
  ];
  return source
    .replace(imported, `${imported}import { ${className} } from '${path}';\n`)
    .replace(list, `export const migrations = [${before}${separator} ${className}];`);
}
