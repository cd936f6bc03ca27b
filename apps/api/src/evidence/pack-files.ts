import { mkdir, open, readdir, rename, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

/** The names this service gives its files; what else lies in the folder is not its own. */
const ours = /^[0-9a-f-]{36}\.(?:zip|part)$/;

/**
 * The files of packs that wait to be fetched, in a folder that only its owner can enter, each with
 * mode 0600. A file has its name only when all of it is on the disk.
 */
export class PackFiles {
  private constructor(private readonly folder: string) {}

  /**
   * Takes a folder, or makes it, and removes the files of an earlier run: their requesters are
   * unknown.
   */
  static async open(folder: string): Promise<PackFiles> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const files = new PackFiles(folder);
    await files.removeAll();
    return files;
  }

  /** @param id of the pack: a UUID */
  async write(id: string, bytes: Uint8Array): Promise<void> {
    const part = join(this.folder, `${id}.part`);
    try {
      const file = await open(part, 'wx', 0o600);
      try {
        await file.writeFile(bytes);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(part, this.#path(id));
    } catch (error) {
      await rm(part, { force: true });
      throw error;
    }
  }

  /**
   * Opens the file to read from; `undefined` when it is not there. Reading goes on when the file is
   * removed meanwhile.
   */
  async read(id: string): Promise<FileHandle | undefined> {
    try {
      return await open(this.#path(id), 'r');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  async remove(id: string): Promise<void> {
    await rm(this.#path(id), { force: true });
  }

  async removeAll(): Promise<void> {
    for (const name of await readdir(this.folder))
      if (ours.test(name)) await rm(join(this.folder, name));
  }

  #path(id: string): string {
    return join(this.folder, `${id}.zip`);
  }
}
