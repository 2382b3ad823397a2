import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ObjectStore } from './object-store';
import type { SignedAddresses } from './signed-addresses';

const uuid = z.uuid();
const missing = z.object({ code: z.literal('ENOENT') });

/** Pictures as files, served through the gateway. Replicas share the folder. */
export class LocalObjectStore extends ObjectStore {
  private readonly folder: string;

  constructor(
    directory: string,
    private readonly addresses: SignedAddresses,
  ) {
    super();
    this.folder = join(directory, 'avatars');
  }

  /** Under another name until it is complete and on the disk: nobody ever reads half a picture. */
  async put(id: string, picture: Buffer): Promise<void> {
    const file = this.fileOf(id);
    const unfinished = unfinishedOf(file);
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    try {
      await writeThrough(unfinished, picture);
      await rename(unfinished, file);
    } catch (error) {
      await rm(unfinished, { force: true });
      throw error;
    }
    await syncFolder(this.folder);
  }

  async delete(id: string): Promise<void> {
    const file = this.fileOf(id);
    // What a process that died while it wrote has left.
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

  async addressOf(id: string): Promise<string> {
    return this.addresses.sign(id);
  }

  /** @throws ZodError for what is no id of ours, which no path can be made of */
  private fileOf(id: string): string {
    return join(this.folder, `${uuid.parse(id)}.webp`);
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

/** Without it a power cut may take the new name back, after the account's row has it. */
async function syncFolder(folder: string): Promise<void> {
  // Windows opens no folders.
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
