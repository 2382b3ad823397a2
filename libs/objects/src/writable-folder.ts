import { randomUUID } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/**
 * Writes a file into the folder and deletes it. A fresh volume can belong to another user, which would fail every upload.
 * @throws Error that names the variable
 */
export async function requireWritableFolder(folder: string): Promise<void> {
  const file = join(folder, `.${randomUUID()}`);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(file, 'x', { flag: 'wx', mode: 0o600 });
    await rm(file);
  } catch (error) {
    const { code } = z.object({ code: z.string() }).catch({ code: 'unknown error' }).parse(error);
    throw new Error(
      `OBJECT_DIRECTORY names a folder that can't be written (${code}). Mount a volume there that user ${process.getuid?.() ?? 'of this process'} owns, or set S3_BUCKET.`,
    );
  }
}
