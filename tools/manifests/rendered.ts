import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual, promisify } from 'node:util';
import { root } from '#libs/local';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';

const run = promisify(execFile);
const folder = join(root, 'k8s');

/** The folders in k8s/overlays. */
export const overlays = globSync('overlays/*/kustomization.yaml', { cwd: folder })
  .map((file) => file.split(/[\\/]/)[1] ?? '')
  .toSorted();

/** What the overlay becomes, as a file of its own, so that the tests can read it without kubectl. */
export const renderedFile = (overlay: string) => join(folder, 'rendered', `${overlay}.yaml`);

const firstLine = (body: string) => `# Written by npm run manifests from the sources ${digestWith(body)}\n`;

/** Changes with every source, and with every edit of the rendering itself. */
function digestWith(body: string): string {
  const hash = createHash('sha256');
  for (const file of globSync('{base,components,overlays}/**/*.*', { cwd: folder }).toSorted())
    hash.update(`${file.replaceAll('\\', '/')}\0${textOf(join(folder, file))}\0`);
  return hash.update(body).digest('hex');
}

// Git on Windows may write other line ends.
const textOf = (file: string) => readFileSync(file, 'utf8').replaceAll('\r\n', '\n');

/** Whether nobody changed the sources, or the rendering itself, since `npm run manifests`. */
export function isCurrent(overlay: string): boolean {
  const [head, body] = splitAfterFirstLine(textOf(renderedFile(overlay)));
  return head === firstLine(body);
}

function splitAfterFirstLine(text: string): [string, string] {
  const end = text.indexOf('\n') + 1;
  return [text.slice(0, end), text.slice(end)];
}

export async function writeRendered(): Promise<void> {
  for (const overlay of overlays) {
    const body = await kustomized(overlay);
    writeFileSync(renderedFile(overlay), `${firstLine(body)}${body}`);
  }
}

/** The overlays whose rendering isn't what kubectl makes of the sources. */
export async function differing(): Promise<string[]> {
  const found = [];
  for (const overlay of overlays) {
    const body = await kustomized(overlay);
    if (!isCurrent(overlay) || !isDeepStrictEqual(documentsIn(body), readRendered(overlay))) found.push(overlay);
  }
  return found;
}

async function kustomized(overlay: string): Promise<string> {
  const { stdout } = await run('kubectl', ['kustomize', join(folder, 'overlays', overlay)], { maxBuffer: 2 ** 24 });
  return stdout;
}

export const readRendered = (overlay: string) => documentsIn(textOf(renderedFile(overlay)));

function documentsIn(text: string): unknown[] {
  return parseAllDocuments(text).map((document) => z.unknown().parse(document.toJS()));
}
