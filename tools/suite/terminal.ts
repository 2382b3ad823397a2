import { styleText } from 'node:util';
import { z } from 'zod';
import { alignedTable } from '#libs/command';
import type { Suite } from './suite';

const warnings = new Map<string | number, string>([
  ['fatal', styleText('red', 'FATAL')],
  ['error', styleText('red', 'ERROR')],
  ['warn', styleText('yellow', 'WARN')],
  // Pino's numeric levels, for libraries that use its defaults.
  [60, styleText('red', 'FATAL')],
  [50, styleText('red', 'ERROR')],
  [40, styleText('yellow', 'WARN')],
]);

const logLine = z.object({
  level: z.union([z.number(), z.string()]),
  time: z.union([z.number(), z.string()]).optional(),
  msg: z.string().optional(),
  requestId: z.string().optional(),
  error: z.object({ message: z.string().optional() }).optional(),
});

/** Formats a service's log line for the terminal if it is a warning or worse. Undefined for all others. */
export function forTerminal(name: string, line: string): string | undefined {
  const parsed = logLine.safeParse(parseJson(line));
  if (!parsed.success) return undefined;
  const { level, time, msg, requestId, error } = parsed.data;
  const label = warnings.get(level);
  if (label === undefined) return undefined;
  const clock = new Date(time ?? Date.now()).toTimeString().slice(0, 8);
  const what = [msg, error?.message].filter((part) => part !== undefined && part !== '').join(': ');
  const request = requestId === undefined ? '' : styleText('dim', ` (request ${requestId})`);
  return `${styleText('dim', clock)} ${name} ${label} ${what}${request}`;
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** The URLs of everything. They stand alone in their column, so that terminals make them clickable. */
export function addressTable({ urls, managementPorts }: Suite, folder: string): string {
  const services = [...managementPorts].map(([name, port]) => [
    `${name} health, metrics`,
    `http://localhost:${port}/health/ready`,
    `http://localhost:${port}/metrics`,
  ]);
  return alignedTable([
    ['API', `${urls.api}/api/v1/health`],
    ['API reference', `${urls.api}/docs`],
    ...(urls.mail === undefined ? [] : [['Emails', urls.mail]]),
    ['SMTP', urls.smtp],
    ['PostgreSQL', withoutPassword(urls.postgres)],
    ['Redis', withoutPassword(urls.redis)],
    ...services,
    ['Logs', `${folder}/logs`],
    ['URLs with passwords', `${folder}/env`],
  ]);
}

function withoutPassword(address: string): string {
  const url = new URL(address);
  url.password = '';
  return url.href;
}
