import { spawn } from 'node:child_process';

/**
 * Kills the process when this one ends, even by SIGKILL: a shell reads from a pipe that closes with this
 * process. Returns a function that releases the process.
 */
export function killWhenWeDie(pid: number): () => void {
  const shell = spawn('sh', ['-c', 'read -r released || kill -9 "$1"', 'sh', String(pid)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  shell.on('error', () => undefined);
  shell.stdin.on('error', () => undefined);
  shell.unref();
  return () => {
    shell.stdin.end('released\n');
  };
}
