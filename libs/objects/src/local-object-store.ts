import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ObjectStore, type ObjectKind } from './object-store';
import type { SignedUrls } from './signed-urls';

const uuid = z.uuid();
const missing = z.object({ code: z.literal('ENOENT') });

/** Stores objects as files, which the application serves itself. Replicas share the folder. */
export class LocalObjectStore extends ObjectStore {
  private readonly folder: string;

  constructor(
    directory: string,
    private readonly kind: ObjectKind,
    private readonly urls: SignedUrls,
  ) {
    super();
    this.folder = join(directory, kind.folder);
  }

  /** The file has another name until it is complete and on disk, so no one reads half an object. */
  async put(id: string, object: Buffer): Promise<void> {
    const file = this.fileOf(id);
    const unfinished = unfinishedOf(file);
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    try {
      await writeThrough(unfinished, object);
      await rename(unfinished, file);
    } catch (error) {
      await rm(unfinished, { force: true });
      throw error;
    }
    await syncFolder(this.folder);
  }

  async delete(id: string): Promise<void> {
    const file = this.fileOf(id);
    // A process that died while writing leaves this file behind.
    await rm(unfinishedOf(file), { force: true });
    await rm(file, { force: true });
  }

  async read(id: string): Promise<Buffer | undefined> {
    try {
      return await readFile(this.fileOf(id));
    } catch (error) {
      if (missing.safeParse(error).success) return undefined;
      throw error;
    }
  }

  async urlOf(id: string): Promise<string> {
    return this.urls.sign(id);
  }

  /** @throws ZodError if the id is not a UUID, because no other text may become part of a path */
  private fileOf(id: string): string {
    return join(this.folder, `${uuid.parse(id)}.${this.kind.extension}`);
  }
}

function unfinishedOf(file: string): string {
  return `${file}.tmp`;
}

async function writeThrough(file: string, content: Buffer): Promise<void> {
  const handle = await open(file, 'wx', 0o600);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Without this, a power failure could undo the renaming after a row already refers to the object. */
async function syncFolder(folder: string): Promise<void> {
  // Windows cannot open folders.
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
