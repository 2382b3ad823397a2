import { noSuch } from './errors';

/** The rows of one kind, oldest first, found by id and by customer. */
export class Table<T extends { id: string }> {
  private readonly rows = new Map<string, T>();
  private readonly owned = new Map<string, T[]>();

  /** @param noun as in "No such customer" */
  constructor(
    private readonly noun: string,
    private readonly ownerOf: (row: T) => string | null = () => null,
  ) {}

  add(row: T): T {
    this.rows.set(row.id, row);
    const owner = this.ownerOf(row);
    if (owner === null) return row;
    const list = this.owned.get(owner);
    if (list === undefined) this.owned.set(owner, [row]);
    else list.push(row);
    return row;
  }

  get(id: string): T | undefined {
    return this.rows.get(id);
  }

  /** For the object that a path names. */
  find(id: string): T {
    const row = this.rows.get(id);
    if (row === undefined) throw noSuch(this.noun, id);
    return row;
  }

  /** For the object that a parameter names. */
  named(id: string, param: string): T {
    const row = this.rows.get(id);
    if (row === undefined) throw noSuch(this.noun, id, param, 400);
    return row;
  }

  newestFirst(): T[] {
    return [...this.rows.values()].reverse();
  }

  /** The rows of one customer, newest first. */
  of(owner: string): T[] {
    return [...(this.owned.get(owner) ?? [])].reverse();
  }

  delete(id: string): void {
    const row = this.rows.get(id);
    if (row === undefined) return;
    this.rows.delete(id);
    const owner = this.ownerOf(row);
    if (owner === null) return;
    const rest = (this.owned.get(owner) ?? []).filter((each) => each.id !== id);
    if (rest.length === 0) this.owned.delete(owner);
    else this.owned.set(owner, rest);
  }

  get size(): number {
    return this.rows.size;
  }
}
