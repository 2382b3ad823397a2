import { z } from 'zod';
import { StripeError } from '../core/errors';
import { json, type Answer } from '../http/answer';
import type { Site } from '../http/server';
import type { Sandbox } from '../sandbox';
import { controls, type Control } from './controls';

const prefix = '/_sandbox';

function find(method: string, path: string): { readonly control: Control; readonly id: string } | undefined {
  for (const control of controls) {
    const match = new RegExp(`^${prefix}${control.path.replace(':id', '([^/]+)')}$`).exec(path);
    if (match !== null && control.method === method) return { control, id: decodeURIComponent(match[1] ?? '') };
  }
  return undefined;
}

async function answer(
  sandbox: Sandbox,
  { control, id }: NonNullable<ReturnType<typeof find>>,
  body: string,
): Promise<Answer> {
  try {
    const given: unknown = body === '' ? {} : JSON.parse(body);
    return json(200, await control.run(sandbox, given, id));
  } catch (error) {
    if (error instanceof StripeError) return json(error.status, { error: { message: error.message } });
    if (error instanceof z.ZodError) return json(400, { error: { message: z.prettifyError(error) } });
    if (error instanceof SyntaxError) return json(400, { error: { message: 'The body must be JSON.' } });
    throw error;
  }
}

/** The paths under `/_sandbox`, by which tests and `npm run sandbox` do what happens outside the API. */
export function controlSite(sandbox: Sandbox): Site {
  return async (method, url, body) => {
    if (!url.pathname.startsWith(`${prefix}/`)) return undefined;
    const found = find(method, url.pathname);
    if (found === undefined) return json(404, { error: { message: `No control: ${method} ${url.pathname}` } });
    return answer(sandbox, found, body);
  };
}
