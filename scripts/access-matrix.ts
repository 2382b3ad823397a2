import { writeFileSync } from 'node:fs';
import { accessMatrixPage, pageFile } from '../tools/access-matrix/page';

/** Writes docs/access-matrix.md from the policies. test/e2e/access-matrix.spec.ts checks that they are true. */
async function main(): Promise<void> {
  writeFileSync(pageFile, await accessMatrixPage());
  console.log(`Written: ${pageFile}`);
}

void main();
