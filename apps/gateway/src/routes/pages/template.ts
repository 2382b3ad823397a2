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

/** An HTML file of ours with `{{name}}` in the places of values. */
export class Template {
  private readonly source: string;

  constructor(file: string) {
    this.source = readFileSync(join(assetsFolder, file), 'utf8');
  }

  /** Puts the values in, as text: they cannot become markup. */
  fill(values: Readonly<Record<string, string>>): string {
    return this.source.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => escape(values[name] ?? ''));
  }
}

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? '');
}
