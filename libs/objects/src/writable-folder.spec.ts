import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireWritableFolder } from './writable-folder';

const folder = mkdtempSync(join(tmpdir(), 'groundwork-objects-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('accepts a folder that can be written, creates it, and leaves nothing in it', async () => {
  const fresh = join(folder, 'fresh', 'objects');
  await requireWritableFolder(fresh);
  expect(readdirSync(fresh)).toEqual([]);
});

it.each([
  ['a folder below a file', join(folder, 'file', 'objects')],
  ['a file', join(folder, 'file')],
])('names the variable when it holds %s, and not the path', async (_what, path) => {
  writeFileSync(join(folder, 'file'), '');
  await expect(requireWritableFolder(path)).rejects.toThrow(
    /^OBJECT_DIRECTORY names a folder that can't be written \([A-Z]+\)\. Mount a volume there that user \d+ owns, or set S3_BUCKET\.$/,
  );
});
