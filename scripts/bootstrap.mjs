// The first step of `npm start`, `npm run dev`, `npm run reset` and `npm test`. Runs on any Node from 20
// on with nothing installed. Uses only syntax that an old Node can parse, so that it prints the message
// below instead of a syntax error.
import { spawn } from 'child_process';
import { readFileSync } from 'fs';
import { fileURLToPath } from 'url';

const major = Number(process.versions.node.split('.')[0]);
if (major < 20) {
  console.error(
    'Node ' + process.versions.node + ' is too old. Install Node 20 or newer (https://nodejs.org), then try again.',
  );
  process.exit(1);
}

const command = process.argv[2];
const args = process.argv.slice(3);
void main();

async function main() {
  const { helpFor } = await import('../tools/suite/help.mjs');
  const help = helpFor(command, args);
  if (help !== undefined) {
    console[help.exitCode === 0 ? 'log' : 'error'](help.text);
    process.exit(help.exitCode);
  }
  const { install } = await import('../tools/suite/install.mjs');
  run(await install());
}

/**
 * Continues with the Node of the lockfile, connected by a channel: if this process dies, that one notices
 * and stops in order.
 * @param {string} node
 */
function run(node) {
  const script = fileURLToPath(new URL('run.mjs', import.meta.url));
  /** @type {import('child_process').StdioOptions} */
  const stdio = ['inherit', 'inherit', 'inherit', 'ipc'];
  const child = spawn(node, ['--no-warnings', script, String(command)].concat(args), { stdio });
  // The child stops in order while this process waits. It needs signals that were sent only to this process.
  process.on('SIGINT', () => child.kill('SIGINT'));
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  process.on('SIGHUP', () => child.kill('SIGHUP'));
  // If npm was killed without notice, the terminal has no process left to stop.
  const starter = startedBy();
  const orphaned = setInterval(() => startedBy() !== starter && child.kill('SIGTERM'), 1000);
  child.on('exit', (code, signal) => {
    clearInterval(orphaned);
    process.exit(code === null ? 128 + (signal === 'SIGINT' ? 2 : 15) : code);
  });
}

/** Returns the id of npm, skipping the shell between npm and this process if there is one. */
function startedBy() {
  try {
    const parent = '/proc/' + String(process.ppid);
    if (!readFileSync(parent + '/cmdline', 'utf8').includes('bootstrap.mjs')) return process.ppid;
    const stat = readFileSync(parent + '/stat', 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return process.ppid;
  }
}
