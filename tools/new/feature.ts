import { globSync } from 'node:fs';
import type { Changes } from './changes';
import { wordsOf } from './words';

/** A contract with two routes, the use case that handles it, and its table: something that a user creates and lists. */
export function addFeature(changes: Changes, root: string, service: string, name: string, time: number): void {
  const words = wordsOf(name);
  const { Name, name: Service } = { Name: words.Name, name: wordsOf(service).Name };
  const modules = modulesOf(changes.read(`apps/${service}/src/${service}.module.ts`));
  const migrationTime = String(Math.max(time, latestMigration(root, service) + 1));
  const values = { ...words, service, Service, serviceCamel: modules.name, modules: modules.call, time: migrationTime };
  const folder = `apps/${service}/src`;

  changes.create(`libs/contracts/src/${service}/${name}.ts`, 'feature/contract.ts', values);
  changes.append('libs/contracts/src/index.ts', `export * from './${service}/${name}';`);
  changes.create(`${folder}/${name}/${words.names}.table.ts`, 'feature/table.ts', values);
  changes.create(`${folder}/${name}/${name}.handler.ts`, 'feature/handler.ts', values);
  changes.create(`${folder}/${name}/${name}.spec.ts`, 'feature/spec.ts', values);
  changes.create(`${folder}/migrations/${migrationTime}-create-${words.names}.ts`, 'feature/migration.ts', values);

  const database = `${folder}/database.ts`;
  const migration = `Create${words.Names}${migrationTime}`;
  importInto(changes, database, migration, `./migrations/${migrationTime}-create-${words.names}`);
  importInto(changes, database, `${Name}Record`, `./${name}/${words.names}.table`);
  addTo(changes, database, /(entities = \[)([^\]]*)\]/, `${Name}Record`);
  addTo(changes, database, /(migrations = \[)([^\]]*)\]/, migration);
  const module = `${folder}/${service}.module.ts`;
  importInto(changes, module, `${Name}Handler`, `./${name}/${name}.handler`);
  if (/controllers: \[/.test(changes.read(module)))
    addTo(changes, module, /(controllers: \[)([^\]]*)\]/, `${Name}Handler`);
  else changes.edit(module, /((?:ServiceModules = |return )\{\s*entities)/, `$1, controllers: [${Name}Handler]`);
  addRoutes(changes, words, service);
  addToDatabasePage(changes, words, service);
}

/** How a test makes the service's modules: some need the configuration. */
function modulesOf(module: string): { readonly name: string; readonly call: string } {
  const [, constant] = /export const (\w+): ServiceModules/.exec(module) ?? [];
  if (constant !== undefined) return { name: constant, call: `() => ${constant}` };
  const [, name, parameter] = /export function (\w+)\((config)?/.exec(module) ?? [];
  if (name === undefined) throw new Error('The module exports no ServiceModules.');
  return { name, call: parameter === undefined ? `() => ${name}()` : `(config) => ${name}(config)` };
}

/** Migrations run in the order of their times: a new one comes last. */
function latestMigration(root: string, service: string): number {
  const times = globSync(`apps/${service}/src/migrations/*.ts`, { cwd: root }).map((file) =>
    Number(/(\d{13})-[^/\\]*$/.exec(file)?.[1] ?? 0),
  );
  return Math.max(0, ...times);
}

function importInto(changes: Changes, path: string, name: string, from: string): void {
  // After the last import.
  changes.edit(path, /^((?:import [^;]*;\n)+)/, `$1import { ${name} } from '${from}';\n`);
}

function addTo(changes: Changes, path: string, list: RegExp, item: string): void {
  const [, , items = ''] = list.exec(changes.read(path)) ?? [];
  const separator = items.trim() === '' || items.trimEnd().endsWith(',') ? '' : ', ';
  changes.edit(path, list, `$1$2${separator}${item}]`);
}

/** Who may call the routes, a request to each for the tests, and their resource in the API description. */
function addRoutes(changes: Changes, { names, camels, wordss }: ReturnType<typeof wordsOf>, service: string): void {
  const matrix = 'tools/access-matrix/routes.ts';
  const area = `of${wordsOf(service).Name}`;
  const [post, get] = [`'POST /api/v1/${names}'`, `'GET /api/v1/${names}'`];
  if (!changes.read(matrix).includes(`const ${area} = {`)) {
    const declaration = `const ${area} = {\n} as const satisfies Policies;\n\n`;
    changes.edit(matrix, /(\/\*\* In the order of the page\. \*\/)/, `${declaration}$1`);
    changes.edit(
      matrix,
      /(policies: administration \},\n)/,
      `$1  { title: '${wordsOf(service).Name}', policies: ${area} },\n`,
    );
    changes.edit(matrix, /( {2}\.\.\.administration,\n)/, `$1  ...${area},\n`);
    changes.edit(matrix, /( {2}typeof administration)/, `$1 &\n  typeof ${area}`);
  }
  changes.edit(matrix, new RegExp(`(const ${area} = \\{\\n)`), `$1  ${get}: person(),\n  ${post}: person(),\n`);
  const samples = 'tools/access-matrix/samples.ts';
  changes.edit(samples, /\n\};\s*$/, `\n\n  ${get}: nothing,\n  ${post}: body({ name: 'Ada' }),\n};\n`);
  changes.edit('apps/gateway/src/openapi/tags.ts', /( {2}admin: )/, `  ${camels}: 'Your ${wordss}.',\n$1`);
}

function addToDatabasePage(changes: Changes, { table }: ReturnType<typeof wordsOf>, service: string): void {
  const page = 'docs/database.md';
  const row = new RegExp(`(\\| \`groundwork_${service.replaceAll('-', '_')}\` +\\| )(— +|)`);
  const isFirst = row.exec(changes.read(page))?.[2] !== '';
  changes.edit(page, row, isFirst ? `$1\`${table}\` ` : `$1\`${table}\`, `);
  const indexes = [
    `| \`${table}_pkey\` | \`${table} unique (id)\` | no row twice |`,
    `| \`${table}_user_id_id_idx\` | \`${table} (user_id, id)\` | a user’s own, newest first, and how many there are |`,
  ].join('\n');
  const heading = `\n## ${service}\n\n`;
  const empty = `${heading}It has the tables below alone.`;
  const head = `${heading}| index | on | for |\n| --- | --- | --- |\n`;
  if (changes.read(page).includes(empty)) changes.edit(page, new RegExp(empty), `${head}${indexes}`);
  else changes.edit(page, new RegExp(`(${heading}\\|[^\\n]*\\n\\|[^\\n]*\\n)`), `$1${indexes}\n`);
}
