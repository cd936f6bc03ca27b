import type { Tile, TileReader } from '@penalty-ledger/merkle-log';

const hashLength = 32;

/** The last tile of each level: all that is needed to append to a tree and to name its root. */
export class EdgeTiles implements TileReader {
  readonly #last = new Map<number, Tile>();

  tile(level: number, index: number, width: number): Uint8Array | undefined {
    const last = this.#last.get(level);
    if (last?.index !== index || last.hashes.length < width * hashLength) return undefined;
    return last.hashes.subarray(0, width * hashLength);
  }

  write(tiles: readonly Tile[]): void {
    for (const tile of tiles) this.#last.set(tile.level, tile);
  }

  /** The last tile of each level. */
  get all(): Iterable<Tile> {
    return this.#last.values();
  }
}
