import { styleText } from 'node:util';
import { spawn } from 'node:child_process';
import { globSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ServiceName } from '#libs/contracts';
import { buildProgram, root } from '#libs/local';
import { services } from './apps';
import type { Suite } from './suite';

/** Polling is cheap and reliable, while the system's notifications lose files that an editor replaces. */
const pollMs = 500;

/** Compiles again when a source changes, and restarts the affected services. */
export async function rebuildOnChange(suite: Suite): Promise<void> {
  console.log(styleText('dim', 'Watching apps and libs. Changed services are compiled and restarted.'));
  let known = sources();
  // Changes since the affected services were last restarted.
  const pending = new Set<string>();
  while (!suite.isStopping) {
    await delay(pollMs);
    const now = sources();
    const changed = [...new Set([...now.keys(), ...known.keys()])].filter((file) => now.get(file) !== known.get(file));
    known = now;
    for (const file of changed) pending.add(file);
    if (changed.length > 0) await rebuild(suite, pending);
  }
}

/** Returns each source file with its modification time. */
function sources(): ReadonlyMap<string, number> {
  const files = globSync('{apps,libs}/**/*.ts', { cwd: root }).filter((file) => !file.endsWith('.spec.ts'));
  return new Map(files.map((file) => [file, statSync(join(root, file), { throwIfNoEntry: false })?.mtimeMs ?? 0]));
}

async function rebuild(suite: Suite, pending: Set<string>): Promise<void> {
  const { exitCode, output } = await compile();
  if (exitCode !== 0) {
    console.log(`${output.trimEnd()}\n${styleText('red', 'The services keep running without this change.')}`);
    return;
  }
  const services = affectedServices([...pending]);
  try {
    await suite.restart(services);
    pending.clear();
    console.log(styleText('green', `Restarted ${services.join(', ')}.`));
  } catch (error) {
    if (suite.isStopping) return;
    console.log(styleText('red', error instanceof Error ? error.message : String(error)));
  }
}

/** A library affects every service. An app's sources affect only that service. */
function affectedServices(files: readonly string[]): ServiceName[] {
  if (files.some((file) => file.startsWith(`libs${sep}`))) return [...services];
  return services.filter((service) => files.some((file) => file.startsWith(join('apps', service) + sep)));
}

function compile(): Promise<{ exitCode: number; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [buildProgram], { cwd: root });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
    child.once('close', (code) => resolve({ exitCode: code ?? 1, output }));
  });
}
