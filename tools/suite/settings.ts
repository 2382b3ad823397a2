import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { isKnown, nearestName, type Variables } from './variables';

export interface Settings {
  /** The variables that are set. The environment overrides the file. */
  readonly variables: Variables;
  /** One sentence for each name that nothing reads. They never contain a value. */
  readonly warnings: readonly string[];
}

/** Reads the environment and the `.env` file, if there is one. An empty value counts as unset. */
export function readSettings(file: string, environment: NodeJS.ProcessEnv): Settings {
  const fromFile = existsSync(file) ? withoutEmpty(parseEnv(readFileSync(file, 'utf8'))) : {};
  const fromEnvironment = withoutEmpty(environment);
  return {
    variables: { ...fromFile, ...fromEnvironment },
    warnings: [
      ...Object.keys(fromFile).flatMap((name) => (isKnown(name) ? [] : unknownInFile(name))),
      ...Object.keys(fromEnvironment).flatMap((name) => (isKnown(name) ? [] : mistypedInEnvironment(name))),
    ],
  };
}

function withoutEmpty(variables: NodeJS.Dict<string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).flatMap(([name, value]) =>
      value === undefined || value.trim() === '' ? [] : [[name, value]],
    ),
  );
}

function unknownInFile(name: string): string {
  const { known, distance } = nearestName(name);
  const hint = distance <= known.length / 2 ? ` Did you mean ${known}?` : ' Remove it, or check its name.';
  return `.env sets ${name}, but no service reads it.${hint}`;
}

/** The environment has many other variables, so only a name that is almost one of ours counts. */
function mistypedInEnvironment(name: string): string[] {
  const { known, distance } = nearestName(name);
  return distance <= known.length / 4
    ? [`${name} is set in the environment, but no service reads it. Did you mean ${known}?`]
    : [];
}
