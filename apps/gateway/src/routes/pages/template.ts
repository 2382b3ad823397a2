import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { assetsFolder } from './page-files';

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** An HTML file with `{{name}}` placeholders. */
export class Template {
  private readonly source: string;

  constructor(file: string) {
    this.source = readFileSync(join(assetsFolder, file), 'utf8');
  }

  /** Fills in the values as escaped text, which can't become markup. */
  fill(values: Readonly<Record<string, string>>): string {
    return this.source.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => escape(values[name] ?? ''));
  }
}

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? '');
}
