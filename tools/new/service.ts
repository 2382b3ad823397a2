import type { Changes } from './changes';
import { wordsOf } from './words';

/** A service that is started, migrated, and asked for its health, and does nothing else yet. */
export function addService(changes: Changes, name: string, time: number): void {
  const words = wordsOf(name);
  const at = words.name === words.camel ? `.${name}` : `['${name}']`;
  const values = { ...words, at, time: String(time) };
  const folder = `apps/${name}/src`;
  for (const file of ['index', 'main', 'config', 'database'])
    changes.create(`${folder}/${file}.ts`, `service/${file}.ts`, values);
  changes.create(`${folder}/${name}.module.ts`, 'service/module.ts', values);
  changes.create(`${folder}/${name}.spec.ts`, 'service/spec.ts', values);
  changes.create(`${folder}/migrations/${time}-create-outbox-and-inbox.ts`, 'service/migration.ts', values);

  changes.edit('libs/contracts/src/context.ts', /(serviceNames = \[[^\]]*)\]/, `$1, '${name}']`);
  const key = words.name === words.camel ? name : `'${name}'`;
  changes.edit('libs/contracts/src/health.ts', /(serviceHealth = \{[^}]*)\}/, `$1  ${key}: health('${name}'),\n}`);
  const project = { type: 'application', root: `apps/${name}`, sourceRoot: folder, entryFile: 'main' };
  changes.edit('nest-cli.json', /("projects": \{)/, `$1\n"${name}": ${JSON.stringify(project, null, 2)},`);
  changes.edit('docs/architecture.md', /(\| `apps\/billing`)/, `| \`apps/${name}\` | its database and health |\n$1`);
  changes.edit('docs/database.md', /(\| every one )/, `| \`groundwork_${name.replaceAll('-', '_')}\` | — |\n$1`);
  changes.edit('docs/database.md', /\n(## In every one)/, `\n## ${name}\n\nIt has the tables below alone.\n\n$1`);
}
