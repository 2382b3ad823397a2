import { writeFileSync } from 'node:fs';
import { pageFile, variablesPage } from '../tools/variables/page';

/** Writes docs/variables.md from the schemas of the services. */
async function main(): Promise<void> {
  writeFileSync(pageFile, await variablesPage());
  console.log(`Written: ${pageFile}`);
}

void main();
