import { spawn } from 'node:child_process';
import { watch } from 'node:fs';
import { join, sep } from 'node:path';
import { serviceNames, type ServiceName } from '#libs/contracts';
import { colour } from './local/colour';
import { root } from './local/paths';
import { runLocally } from './local/run-locally';
import type { Suite } from './local/suite';

/** An editor saves in several steps, and a branch switch changes many files. */
const settleMs = 150;

void runLocally(process.argv.slice(2), rebuildOnChange);

function rebuildOnChange(suite: Suite): void {
  const changed = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let working = false;
  const work = async () => {
    if (working || changed.size === 0) return;
    working = true;
    const files = [...changed];
    changed.clear();
    await rebuild(suite, files);
    working = false;
    void work();
  };
  for (const folder of ['apps', 'libs']) {
    watch(join(root, folder), { recursive: true }, (_event, name) => {
      if (name === null || !name.endsWith('.ts') || name.endsWith('.spec.ts')) return;
      changed.add(join(folder, name));
      clearTimeout(timer);
      timer = setTimeout(() => void work(), settleMs);
    });
  }
  console.log(colour('dim', 'Watching apps and libs: what changes is compiled, and its services start again.'));
}

async function rebuild(suite: Suite, files: readonly string[]): Promise<void> {
  const { exitCode, output } = await compile();
  if (exitCode !== 0) {
    console.log(`${output.trimEnd()}\n${colour('red', 'The services keep running as they were.')}`);
    return;
  }
  const services = affectedServices(files);
  try {
    await suite.restart(services);
    console.log(colour('green', `Restarted ${services.join(', ')}.`));
  } catch (error) {
    console.log(colour('red', error instanceof Error ? error.message : String(error)));
  }
}

/** A library is used by any service; an app's sources by that service alone. */
function affectedServices(files: readonly string[]): ServiceName[] {
  if (files.some((file) => file.startsWith(`libs${sep}`))) return [...serviceNames];
  return serviceNames.filter((service) => files.some((file) => file.startsWith(join('apps', service) + sep)));
}

function compile(): Promise<{ exitCode: number; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(root, 'scripts', 'build.mjs')], { cwd: root });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.once('close', (code) => resolve({ exitCode: code ?? 1, output }));
  });
}
