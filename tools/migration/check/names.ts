import ts from 'typescript';
import { snakeCase } from '#libs/database';

export interface NamedIn {
  readonly file: string;
  readonly line: number;
}

export interface SourceFile {
  readonly file: string;
  readonly text: string;
}

interface Statement extends NamedIn {
  readonly sql: string;
}

interface EntityColumn extends NamedIn {
  readonly table: string;
  readonly column: string;
}

export interface Names {
  readonly statements: readonly Statement[];
  readonly entityColumns: readonly EntityColumn[];
}

const looksLikeSql = /\b(SELECT|INSERT|UPDATE|DELETE|FROM|JOIN|WHERE|RETURNING)\b/;

/** The SQL and the columns of entities in source files. */
export function namesIn(sources: readonly SourceFile[]): Names {
  const statements: Statement[] = [];
  const entityColumns: EntityColumn[] = [];
  for (const { file, text } of sources) {
    const source = ts.createSourceFile(file, text, ts.ScriptTarget.ESNext, true);
    const lineOf = (node: ts.Node) => source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
    const visit = (node: ts.Node): void => {
      const sql = textOf(node);
      if (sql !== undefined && looksLikeSql.test(sql)) statements.push({ file, line: lineOf(node), sql });
      if (ts.isClassDeclaration(node)) entityColumns.push(...columnsOfEntity(node, file, lineOf));
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  return { statements, entityColumns };
}

function textOf(node: ts.Node): string | undefined {
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return node.text;
  return ts.isTemplateExpression(node)
    ? [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join(' ')
    : undefined;
}

function columnsOfEntity(node: ts.ClassDeclaration, file: string, lineOf: (node: ts.Node) => number): EntityColumn[] {
  const [first] = decoratorArguments(node, /^Entity$/) ?? [];
  const table = first !== undefined && ts.isStringLiteral(first) ? first.text : undefined;
  if (table === undefined) return [];
  return node.members.flatMap((member) => {
    const options = ts.isPropertyDeclaration(member) ? decoratorArguments(member, /Column$/) : undefined;
    if (options === undefined || member.name === undefined) return [];
    return [{ file, line: lineOf(member), table, column: givenName(options) ?? snakeCase(member.name.getText()) }];
  });
}

function decoratorArguments(node: ts.HasDecorators, name: RegExp): readonly ts.Expression[] | undefined {
  return ts
    .getDecorators(node)
    ?.map(({ expression }) => expression)
    .filter((expression) => ts.isCallExpression(expression))
    .find((call) => name.test(call.expression.getText()))?.arguments;
}

function givenName(options: readonly ts.Expression[]): string | undefined {
  const property = options
    .filter((option) => ts.isObjectLiteralExpression(option))
    .flatMap((option) => option.properties)
    .find((candidate) => candidate.name?.getText() === 'name');
  return property !== undefined && ts.isPropertyAssignment(property) && ts.isStringLiteral(property.initializer)
    ? property.initializer.text
    : undefined;
}

const hasWord = (text: string, word: string) => new RegExp(`(?<!\\w)${word}(?!\\w)`).test(text);

/**
 * Where code names a column.
 * @param columnsOf the tables that have a column of this name. SQL that also names one of them may mean that one
 */
export function usesOfColumn(names: Names, { table, column }: Column, tablesWithIt: readonly string[]): NamedIn[] {
  const inSql = names.statements.filter(({ sql }) => {
    if (!hasWord(sql, table) || !hasWord(sql, column)) return false;
    return hasWord(sql, `${table}\\.${column}`) || !tablesWithIt.some((other) => hasWord(sql, other));
  });
  const inEntities = names.entityColumns.filter((named) => named.table === table && named.column === column);
  return [...inEntities, ...inSql];
}

export interface Column {
  readonly table: string;
  readonly column: string;
}

export function usesOfTable(names: Names, table: string): NamedIn[] {
  return [
    ...names.entityColumns.filter((named) => named.table === table).slice(0, 1),
    ...names.statements.filter(({ sql }) => new RegExp(`\\b(FROM|JOIN|INTO|UPDATE)\\s+${table}(?!\\w)`).test(sql)),
  ];
}
