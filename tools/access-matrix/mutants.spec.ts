import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '#libs/local';
import { mutants } from './mutants';

it.each(mutants)('finds the code that it changes: $what', ({ file, find }) => {
  expect(readFileSync(join(root, file), 'utf8').split(find)).toHaveLength(2);
});
