import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Files that a recipe writes, and lines that it adds to others. Nothing is written before all of it fits. */
export class Changes {
  private readonly files = new Map<string, string>();

  constructor(private readonly root: string) {}

  get paths(): string[] {
    return [...this.files.keys()];
  }

  /** @throws Error when the file is there already */
  create(path: string, template: string, values: Readonly<Record<string, string>>): void {
    if (existsSync(join(this.root, path))) throw new Error(`${path} exists already.`);
    const text = readFileSync(join(this.root, 'tools', 'new', 'templates', `${template}.txt`), 'utf8');
    this.files.set(path, filled(text, values));
  }

  /** @throws Error when the file has changed so that the place is not found */
  edit(path: string, place: RegExp, replacement: string): void {
    const text = this.read(path);
    if (!place.test(text)) throw new Error(`${path} has no place for this. Looked for: ${place.source}`);
    this.files.set(path, text.replace(place, replacement));
  }

  append(path: string, line: string): void {
    this.files.set(path, `${this.read(path)}${line}\n`);
  }

  read(path: string): string {
    return this.files.get(path) ?? readFileSync(join(this.root, path), 'utf8');
  }

  write(): void {
    for (const [path, text] of this.files) {
      const file = join(this.root, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
  }
}

function filled(text: string, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`A template names {{${name}}}, which is not known.`);
    return value;
  });
}
