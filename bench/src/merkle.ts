import { hash } from 'node:crypto';
import {
  appendLeaves,
  checkInclusion,
  CompactTree,
  inclusionProof,
  MemoryTiles,
  rootAt,
  StreamHeads,
  updatePages,
} from '@penalty-ledger/merkle-log';
import { LogFile } from '@penalty-ledger/sequencer';
import { timed, type Case, type Measured } from './harness.js';

/** As many bytes as a node of the tree hashes: a prefix and two hashes. */
const nodeBytes = Buffer.alloc(65, 1);
const batch = 1000;

/** Appends leaves to tiles in batches, as a store does after a group of events. */
export function merkleAppends(leaves: number): Case {
  return {
    name: 'Merkle: leaves appended to tiles',
    explanation:
      'ours: batches of 1,000 leaves into tiles, each checked to be a hash; raw: as many ' +
      'SHA-256 of 65 bytes',
    ours: () => {
      const hashes = leafHashes(leaves);
      return timed(leaves, () => {
        const tiles = new MemoryTiles();
        for (let size = 0; size < hashes.length; size += batch) {
          tiles.write(appendLeaves(tiles, size, hashes.slice(size, size + batch)));
        }
      });
    },
    raw: () => rawHashes(leaves, leaves),
  };
}

/** The same in memory, with nothing that can be proved from it. */
export function compactAppends(leaves: number): Case {
  return {
    name: 'Merkle: leaves appended to a compact tree',
    explanation:
      'ours: one leaf after the other and the root at the end; raw: as many SHA-256 of 65 bytes',
    ours: () => {
      const hashes = leafHashes(leaves);
      return timed(leaves, () => {
        const tree = new CompactTree();
        for (const leaf of hashes) tree.append(leaf);
        tree.root();
      });
    },
    raw: () => rawHashes(leaves, leaves),
  };
}

/** Inclusion proofs of leaves all over a tree; each is checked before the measurement. */
export function inclusionProofs(leaves: number, proofs: number): Case {
  let built: MemoryTiles | undefined;
  const indexes = Array.from({ length: proofs }, (_, proof) =>
    Math.floor((proof / proofs) * leaves),
  );
  const hashesOfProof = Math.ceil(Math.log2(leaves));
  const levels = Math.ceil(Math.log2(leaves) / 8);
  return {
    name: `Merkle: inclusion proof in ${leaves.toLocaleString('en')} leaves`,
    explanation:
      `ours: a proof of up to ${hashesOfProof} hashes (${hashesOfProof * 45} bytes in a ` +
      `receipt) from tiles in memory; raw: 255 SHA-256 of 65 bytes for each of ${levels} tiles`,
    ours: () => {
      const tiles = (built ??= tilesOf(leaves));
      const root = rootAt(tiles, leaves);
      for (const index of indexes.slice(0, 10)) {
        checkInclusion(leafHash(index), index, leaves, inclusionProof(tiles, index, leaves), root);
      }
      return timed(proofs, () => {
        for (const index of indexes) inclusionProof(tiles, index, leaves);
      });
    },
    raw: () => rawHashes(proofs, proofs * levels * 255),
  };
}

/** A thousand new heads among a hundred thousand streams, and the root over all of them. */
export function streamHeadUpdates(streams: number): Case {
  const updates = 1000;
  return {
    name: `Merkle: heads set among ${streams.toLocaleString('en')} streams`,
    explanation:
      `ours: ${updates.toLocaleString('en')} heads and one root; raw: as many SHA-256 of 65 ` +
      'bytes as their way to the root has branches',
    ours: () => {
      const heads = new StreamHeads();
      const set = (stream: number, revision: number): void =>
        heads.set(`agency-a${stream}`, { revision, leafHash: leafHash(revision) });
      for (let stream = 0; stream < streams; stream += 1) set(stream, 0);
      heads.root();
      return timed(updates, () => {
        for (let update = 0; update < updates; update += 1) set((update * 97) % streams, 1);
        heads.root();
      });
    },
    raw: () => rawHashes(updates, updates * Math.ceil(Math.log2(streams))),
  };
}

/**
 * Updates a thousand of the stream heads kept in a file's pages, and the root over all: the cost of
 * a signature besides the tree.
 */
export function keptHeadUpdates(streams: number): Case {
  const updates = 1000;
  let kept: LogFile | undefined;
  let revision = 0;
  const advance = (file: LogFile, some: readonly number[]): void => {
    revision += 1;
    const heads = new Map(
      some.map((stream) => [`agency-a${stream}`, { revision, leafHash: leafHash(revision) }]),
    );
    file.inOneStep(() => {
      file.advance([], heads, [], {
        cursor: undefined,
        size: 0,
        streams,
        lastRecordedAt: undefined,
      });
      file.putPages((put) => updatePages(file, file.movedHeads(), put));
    });
  };
  return {
    name: `Merkle: kept heads moved among ${streams.toLocaleString('en')} streams`,
    explanation:
      `ours: ${updates.toLocaleString('en')} heads written with their pages and one root, in ` +
      'one transaction; raw: as many SHA-256 of 65 bytes as their way to the root has branches',
    ours: () => {
      const file = (kept ??= LogFile.open(':memory:'));
      if (revision === 0)
        advance(
          file,
          Array.from({ length: streams }, (_, stream) => stream),
        );
      const some = Array.from(
        { length: updates },
        (_, update) => (update * 97 + revision) % streams,
      );
      return timed(updates, () => advance(file, some));
    },
    raw: () => rawHashes(updates, updates * Math.ceil(Math.log2(streams))),
  };
}

function rawHashes(operations: number, hashes: number): Promise<Measured> {
  return timed(operations, () => {
    for (let done = 0; done < hashes; done += 1) hash('sha256', nodeBytes, 'hex');
  });
}

function leafHash(index: number): string {
  return hash('sha256', `\0${index}`, 'hex');
}

function leafHashes(count: number, from = 0): string[] {
  return Array.from({ length: count }, (_, index) => leafHash(from + index));
}

function tilesOf(leaves: number): MemoryTiles {
  const tiles = new MemoryTiles();
  const many = 65_536;
  for (let size = 0; size < leaves; size += many) {
    tiles.write(appendLeaves(tiles, size, leafHashes(Math.min(many, leaves - size), size)));
  }
  return tiles;
}
