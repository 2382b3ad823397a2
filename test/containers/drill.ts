import { eventually } from '#libs/testing';
import { z } from 'zod';
import { docker } from '../../tools/containers/engine';
import { Load, type LoadReport } from '../../tools/containers/load';
import { Stack } from '../../tools/containers/stack';
import { suite } from '../e2e/suite';

const settings = z.object({ folder: z.string(), variables: z.record(z.string(), z.string()) });

/** The production stack that the drills share. Each drill leaves it as it was. */
export const stack = new Stack(settings.parse(JSON.parse(z.string().parse(process.env['TEST_STACK']))));

const user = z.object({ name: z.string() });

const longRunning = ['traefik', 'gateway', 'auth', 'billing', 'notification', 'postgres', 'redis'];

export interface Drilled {
  readonly report: LoadReport;
  /** The name that the user has now, and the last one that a response confirmed. */
  readonly name: { readonly stored: string; readonly acknowledged: string };
}

/** Does something to the stack while clients send requests, and prints what they saw, for docs/reliability.md. */
export async function underLoad(what: string, action: () => Promise<unknown>): Promise<Drilled> {
  const member = await suite.aMember();
  const { accessToken: token } = member.session;
  const load = new Load({ url: stack.url, token });
  try {
    await action();
  } finally {
    await load.stop();
  }
  const report = await load.stop();
  const read = async () => user.parse((await suite.call('GET', '/users/me', { token })).body);
  const { name: stored } = await eventually(read, { timeoutMs: 60_000, describe: 'the user to be readable' });
  console.log(`${what}: ${JSON.stringify(report)}`);
  return { report, name: { stored, acknowledged: load.acknowledgedName } };
}

/** The number in a name of the load, to compare what is stored with what was confirmed. */
export function numberOf(name: string): number {
  return Number(/\d+$/.exec(name)?.[0]);
}

/** Waits until every container runs and is healthy. */
export async function untilHealthy(timeoutMs = 60_000): Promise<void> {
  const ids = (await stack.compose('ps', '--all', '--quiet', ...longRunning)).split('\n');
  const format = '{{.Name}} {{.State.Status}} {{if .State.Health}}{{.State.Health.Status}}{{else}}healthy{{end}}';
  const isHealthy = async () => {
    const states = await docker(['inspect', '--format', format, ...ids], stack.env);
    const bad = states.split('\n').filter((state) => !state.endsWith(' running healthy'));
    if (bad.length > 0) throw new Error(bad.join(', '));
    return true;
  };
  await eventually(isHealthy, { timeoutMs, describe: 'every container to be healthy' });
}
