import { nodeFileTrace } from '@vercel/nft';
import { cpSync, globSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from '#libs/local';

/** Read by path, so that no import leads to them. */
const readByPath = [
  'package.json',
  'LICENSE',
  'apps/gateway/assets/**',
  'node_modules/swagger-ui-dist/{swagger-ui-bundle.js,swagger-ui.css,package.json}',
  'node_modules/@bull-board/ui/{package.json,dist/**}',
];
/** Of the suite's tools only what operators run reaches an image. */
const compiled = 'dist/{apps,libs,scripts}/**/*.js';
const notInImages =
  /^dist\/(libs\/testing\/|scripts\/(start|dev|test|check-|bench|seed|fuzz|reset|sandbox|access-|openapi|routes|new|migration|manifests|variables))/;
const programs = [
  'audit',
  'dead-letters',
  'doctor',
  'healthcheck',
  'migrate',
  'reencrypt',
  'sessions',
  'signing-keys',
  'staff',
];

/**
 * Copies what the services and operator commands load into `folder`: a fraction of node_modules. `@vercel/nft` follows the
 * imports. Libraries that load parts by name are covered by the end-to-end tests, which run on the image.
 */
async function copyTraced(folder: string): Promise<void> {
  const own = globSync(compiled, { cwd: root }).filter(
    (file) => !notInImages.test(file) && !file.includes('/fixtures/'),
  );
  const entries = [
    ...globSync('dist/apps/*/src/**/*.js', { cwd: root }),
    ...programs.map((name) => `dist/scripts/${name}.js`),
  ];
  const { fileList } = await nodeFileTrace(entries, { base: root, processCwd: root });
  const isOwn = (file: string) => file.startsWith('dist/');
  const files = new Set([
    ...own,
    ...globSync(readByPath, { cwd: root, withFileTypes: false }),
    ...[...fileList].filter((file) => !isOwn(file)),
  ]);
  for (const file of files) copy(file, folder);
  console.log(`${files.size} files in ${folder}`);
}

function copy(file: string, folder: string): void {
  const target = join(folder, file);
  mkdirSync(dirname(target), { recursive: true });
  cpSync(join(root, file), target, { recursive: true, dereference: true });
}

void copyTraced(process.argv[2] ?? join(root, 'dist', 'image'));
