import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { descriptionOf, type Environment } from './variable';

/** A secret is a few kilobytes at most. A larger file is another file. */
const longestSecret = 65_536;

/** The variables of a schema that hold a secret. Each can come from a file instead: `CSRF_SECRET_FILE=/run/secrets/csrf`. */
export function secretNames(shape: Readonly<Record<string, z.core.$ZodType>>): string[] {
  return Object.entries(shape).flatMap(([name, schema]) => (descriptionOf(schema).isSecret === true ? [name] : []));
}

/**
 * The environment with the content of each `NAME_FILE` as `NAME`, and what is wrong with each file, by the variable that
 * names it. Neither holds a value of a secret or a path.
 */
export function withSecretFiles(
  names: readonly string[],
  environment: Readonly<Record<string, string>>,
): { environment: Record<string, string>; problems: Map<string, string> } {
  const result = { ...environment };
  const problems = new Map<string, string>();
  for (const name of names) {
    const variable = `${name}_FILE`;
    const path = environment[variable];
    if (path === undefined) continue;
    if (environment[name] !== undefined) {
      problems.set(variable, `is set, and so is ${name}. Set only one of them.`);
      continue;
    }
    const read = secretIn(path);
    if ('problem' in read) problems.set(variable, read.problem);
    else result[name] = read.text;
  }
  return { environment: result, problems };
}

function secretIn(path: string): { text: string } | { problem: string } {
  try {
    const text = readFileSync(path, 'utf8').trim();
    if (text === '') return { problem: 'names an empty file. Write the secret into it.' };
    return text.length > longestSecret ? { problem: 'names a file that is too large to be a secret.' } : { text };
  } catch (error) {
    const { code } = z.object({ code: z.string() }).catch({ code: 'unknown error' }).parse(error);
    return { problem: `names a file that can't be read (${code}). Check the path and who may read it.` };
  }
}

/** The variables and the `NAME_FILE` of each secret: all that a process with this schema reads. */
export function variablesIn(shape: Readonly<Record<string, z.core.$ZodType>>): string[] {
  return [...Object.keys(shape), ...secretNames(shape).map((name) => `${name}_FILE`)];
}

/**
 * Puts secrets from files into an environment that no schema describes, for commands.
 * @throws Error that names the variable
 */
export function readSecretFiles(names: readonly string[], environment: Environment): Environment {
  const set = Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) => (value ? [[name, value]] : [])),
  );
  const { environment: result, problems } = withSecretFiles(names, z.record(z.string(), z.string()).parse(set));
  const [problem] = problems;
  if (problem !== undefined) throw new Error(problem.join(' '));
  return result;
}
