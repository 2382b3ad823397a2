import { parseArgs } from 'node:util';
import { UsageError } from '#libs/command';

export const endpointNames = ['me', 'login', 'refresh', 'health'] as const;
export type EndpointName = (typeof endpointNames)[number];

export interface BenchOptions {
  /** Duration of each cell in each round. */
  readonly seconds: number;
  readonly connections: readonly number[];
  readonly only: readonly EndpointName[];
  /** A file for all measurements. */
  readonly json: string | undefined;
}

const most = { seconds: 3_600, connections: 1_024 };

/** @throws UsageError with what to type instead */
export function readBenchOptions(args: readonly string[]): BenchOptions {
  const { seconds, connections, only, json } = parse(args);
  return {
    seconds: inRange('--seconds', seconds, most.seconds),
    connections: connections.split(',').map((count) => whole(inRange('--connections', count, most.connections))),
    only: only.split(',').map(endpointNamed),
    json,
  };
}

function parse(args: readonly string[]) {
  try {
    const option = (value: string) => ({ type: 'string', default: value }) as const;
    const { values } = parseArgs({
      args: [...args],
      options: {
        seconds: option('5'),
        connections: option('1,16,64'),
        only: option(endpointNames.join(',')),
        json: { type: 'string' },
      },
    });
    return { ...values, json: values.json };
  } catch {
    throw new UsageError(`Invalid arguments: ${args.join(' ')}. See: npm run bench -- --help`);
  }
}

function inRange(name: string, text: string, max: number): number {
  const value = Number(text);
  if (text.trim() !== '' && value > 0 && value <= max) return value;
  throw new UsageError(`${name} ${text} is not valid. Use a number above 0 and up to ${max}.`);
}

function whole(value: number): number {
  if (Number.isInteger(value)) return value;
  throw new UsageError(`--connections ${value} is not a whole number.`);
}

function endpointNamed(text: string): EndpointName {
  const found = endpointNames.find((name) => name === text);
  if (found !== undefined) return found;
  throw new UsageError(`--only ${text} is not valid. Choose from ${endpointNames.join(', ')}, separated by commas.`);
}
