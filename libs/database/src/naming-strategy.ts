import { DefaultNamingStrategy, type Table, type View } from 'typeorm';

/**
 * Properties in camelCase, columns in snake_case: SQL written by hand needs no quotes. Constraints and indexes are named as
 * PostgreSQL names them itself.
 */
export class SnakeCaseNamingStrategy extends DefaultNamingStrategy {
  override columnName(propertyName: string, customName: string, embeddedPrefixes: string[]): string {
    return customName || snakeCase([...embeddedPrefixes, propertyName].join('_'));
  }

  override joinColumnName(relationName: string, referencedColumnName: string): string {
    return snakeCase(`${relationName}_${referencedColumnName}`);
  }

  override primaryKeyName(table: Table | string): string {
    return `${this.getTableName(table)}_pkey`;
  }

  override uniqueConstraintName(table: Table | string, columns: string[]): string {
    return [this.getTableName(table), ...columns, 'key'].join('_');
  }

  override foreignKeyName(table: Table | string, columns: string[]): string {
    return [this.getTableName(table), ...columns, 'fkey'].join('_');
  }

  override indexName(table: Table | View | string, columns: string[]): string {
    const name = typeof table === 'string' ? table : table.name;
    return [this.getTableName(name), ...columns, 'idx'].join('_');
  }
}

export function snakeCase(name: string): string {
  return name.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, '_').toLowerCase();
}
