import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';

interface OpenFile {
  descriptor: number | undefined;
  users: number;
}

const openFiles = new Map<string, OpenFile>();

/** A file as the file system tells of it. */
export interface FileStatus {
  /** Differs between two files, also when one takes the other's name. */
  readonly identity: string;
  /** The time of the last write to it, in nanoseconds; another after every write. */
  readonly writtenAt: string;
}

/** The status of the file that a path names now; `undefined` when there is none. */
export function statusOf(path: string): FileStatus | undefined {
  const found = statSync(path, { throwIfNoEntry: false, bigint: true });
  return (
    found && {
      identity: `${String(found.dev)}:${String(found.ino)}`,
      writtenAt: String(found.mtimeNs),
    }
  );
}

/**
 * A database's bytes as they lie on the disk, past SQLite. When a process closes a file, POSIX
 * drops every lock that it has on it, SQLite's too. So a file is opened once in a thread, and
 * closed when none of the thread's databases uses it. Only a process's first thread reads.
 */
export class RawFile {
  constructor(
    readonly path: string,
    readonly identity: string,
  ) {
    const file = openFiles.get(identity) ?? { descriptor: undefined, users: 0 };
    file.users += 1;
    openFiles.set(identity, file);
  }

  get size(): number {
    return fstatSync(this.#descriptor()).size;
  }

  /** Fills the buffer from `position` on; returns how many bytes there were. */
  read(buffer: Uint8Array, position: number): number {
    let done = 0;
    for (;;) {
      const left = buffer.length - done;
      const read = readSync(this.#descriptor(), buffer, done, left, position + done);
      done += read;
      if (read === 0 || done === buffer.length) return done;
    }
  }

  release(): void {
    const file = openFiles.get(this.identity);
    if (file === undefined) return;
    file.users -= 1;
    if (file.users > 0) return;
    openFiles.delete(this.identity);
    if (file.descriptor !== undefined) closeSync(file.descriptor);
  }

  #descriptor(): number {
    const file = openFiles.get(this.identity);
    if (file === undefined) throw new Error(`"${this.path}" was released and is read`);
    file.descriptor ??= openSync(this.path, 'r');
    return file.descriptor;
  }
}
