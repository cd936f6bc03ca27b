import { hashLength } from './hashes.js';
import type { Tile, TileReader } from './tiles.js';

/** Tiles in memory, for tests and short-lived ledgers; the model of what a store does with them. */
export class MemoryTiles implements TileReader {
  readonly #tiles = new Map<string, Uint8Array>();

  tile(level: number, index: number, width: number): Uint8Array | undefined {
    const hashes = this.#tiles.get(`${level}/${index}`);
    return hashes === undefined || hashes.length < width * hashLength
      ? undefined
      : hashes.subarray(0, width * hashLength);
  }

  /** Keeps tiles in place of shorter forms of the same. */
  write(tiles: readonly Tile[]): void {
    for (const { level, index, hashes } of tiles) this.#tiles.set(`${level}/${index}`, hashes);
  }
}
