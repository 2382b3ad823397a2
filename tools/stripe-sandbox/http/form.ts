import { invalid } from '../core/errors';

export type Form = string | Form[] | { [name: string]: Form };

type Node = Map<string, Node | string>;

const mostDepth = 12;

/** Reads `items[0][price]=price_1&metadata[a]=b`, as the SDK writes it. Values stay text: schemas convert them. */
export function parseForm(text: string): Form {
  const root: Node = new Map();
  for (const [name, value] of new URLSearchParams(text)) put(root, pathOf(name), value);
  return plainOf(root);
}

function pathOf(name: string): string[] {
  const match = /^([^[\]]+)((?:\[[^[\]]*\])*)$/.exec(name);
  if (match === null) throw invalid(`Invalid parameter name: ${name}`, { code: 'parameter_unknown', param: name });
  const path = [match[1] ?? '', ...[...(match[2] ?? '').matchAll(/\[([^[\]]*)\]/g)].map(([, key = '']) => key)];
  if (path.length > mostDepth) throw invalid(`Too many levels: ${name}`, { param: name });
  return path;
}

function put(root: Node, path: readonly string[], value: string): void {
  let node = root;
  for (const [depth, part] of path.entries()) {
    // `expand[]` appends.
    const key = part === '' ? String(node.size) : part;
    if (depth === path.length - 1) return void node.set(key, value);
    const next = node.get(key);
    const child: Node = next instanceof Map ? next : new Map();
    node.set(key, child);
    node = child;
  }
}

function plainOf(node: Node): Form {
  const entries = [...node].map(([key, value]) => [key, typeof value === 'string' ? value : plainOf(value)] as const);
  const isArray = entries.length > 0 && entries.every(([key], index) => key === String(index));
  return isArray ? entries.map(([, value]) => value) : Object.fromEntries(entries);
}
