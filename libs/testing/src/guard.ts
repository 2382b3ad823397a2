import { spawn } from 'node:child_process';

/**
 * Kills the process when this one is gone, be it by SIGKILL: a shell waits at a pipe that ends with us. Returns what lets
 * the process be.
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
