import { invalid } from '../core/errors';
import { isPlain, type Plain } from '../core/json';
import type { Tables } from '../core/tables';
import type { World } from '../core/world';
import { computed, references } from './expandable';

const mostLevels = 4;

/** A copy of what a request returns, with what it asked to expand. */
export function expanded(world: World, result: object, paths: readonly string[]): object {
  if (paths.length === 0) return result;
  const copy = { ...structuredClone(result) };
  for (const path of paths) {
    const levels = path.split('.');
    const depth = 'object' in copy && copy.object === 'list' ? levels.length - 1 : levels.length;
    if (depth > mostLevels) {
      throw invalid(`You cannot expand more than ${mostLevels} levels of a property. Property: ${path}`);
    }
    expandAt(world, copy, levels, path);
  }
  return copy;
}

function expandAt(world: World, node: unknown, [field, ...rest]: readonly string[], path: string): void {
  if (field === undefined || node === null) return;
  if (Array.isArray(node)) return node.forEach((each) => expandAt(world, each, [field, ...rest], path));
  if (!isPlain(node)) throw cannotExpand(path);
  const value = valueOf(world, node, field, path, rest.length > 0);
  expandAt(world, value, rest, path);
}

/** Puts the object in place of its id, and returns it. */
function valueOf(world: World, node: Plain, field: string, path: string, isOnTheWay: boolean): unknown {
  const kind = typeof node['object'] === 'string' ? node['object'] : '';
  const compute = computed[`${kind}.${field}`];
  if (compute !== undefined) return (node[field] ??= compute(world, node));
  const value = node[field];
  const table = references[`${kind}.${field}`] ?? references[`.${field}`];
  if (typeof value === 'string' || isIds(value)) {
    if (table === undefined) throw cannotExpand(path);
    node[field] = typeof value === 'string' ? look(world, table, value) : value.map((id) => look(world, table, id));
    return node[field];
  }
  if (value === undefined || (value === null && table === undefined && !isOnTheWay)) throw cannotExpand(path);
  if (table === undefined && !isOnTheWay) throw cannotExpand(path);
  return value;
}

function isIds(value: unknown): value is string[] {
  return Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === 'string');
}

function look(world: World, table: keyof Tables, id: string): object {
  const tombstone = world.internal.tombstones.get(id);
  const found = world.tables[table].get(id) ?? (tombstone && { ...tombstone, deleted: true });
  return structuredClone(found ?? { id, deleted: true });
}

function cannotExpand(path: string) {
  return invalid(`This property cannot be expanded (${path}).`, { param: 'expand' });
}
