import { hashLength, type Hash } from './hashes.js';
import {
  bitOf,
  branchHash,
  emptyMapRoot,
  entryHash,
  streamKey,
  type AbsenceProof,
  type HeadProof,
  type MapEntry,
} from './stream-head-proofs.js';

/**
 * The synchronous reads of a store that keeps the map of stream heads. Entries are in order of
 * their keys. Beside them is a page for every prefix of hexadecimal digits that more than {@link
 * maxPagelessBytes} keys share. So a head that moves costs one page a digit, and not every head.
 */
export interface HeadPages {
  /** The page {@link updatePages} last put there. */
  page(prefix: string): Uint8Array | undefined;
  /** The first `limit` entries whose keys begin with `prefix`, in order of their keys. */
  entries(prefix: string, limit: number): readonly MapEntry[];
}

/** A prefix with so many entries, or fewer, gets no page: its subtree is computed from them. */
export const maxPagelessBytes = 64;

const digits = Array.from('0123456789abcdef');
const childLength = 1 + hashLength;

/** A page's bytes: for each next digit a kind and a hash. */
export const pageLength = digits.length * childLength;

/** A kept page is not of a page's form: what keeps it is damaged. */
export class HeadPageError extends Error {
  readonly code = 'head_page';
}

/** A subtree: without an entry, with one (it has that entry's hash, however deep), or with more. */
interface Subtree {
  readonly kind: 0 | 1 | 2;
  readonly hash: Hash;
}

const nothing: Subtree = { kind: 0, hash: emptyMapRoot };

/**
 * Brings the pages up to the entries, and gives the map's root (`docs/spec/checkpoint.md`, "Stream
 * heads").
 *
 * @param changed the keys whose entries changed since the pages were put, ascending, or `all`
 * @param put takes every page that is new or changed
 */
export function updatePages(
  map: HeadPages,
  changed: readonly Hash[] | 'all',
  put: (prefix: string, page: Uint8Array) => void,
): Hash {
  return updated(map, '', changed, put).hash;
}

function updated(
  map: HeadPages,
  prefix: string,
  changed: readonly Hash[] | 'all',
  put: (prefix: string, page: Uint8Array) => void,
): Subtree {
  const before = changed === 'all' ? undefined : map.page(prefix);
  if (before === undefined) {
    const entries = map.entries(prefix, maxPagelessBytes + 1);
    if (entries.length <= maxPagelessBytes) return subtreeOf(entries, 4 * prefix.length);
  }
  const children: Subtree[] = [];
  let from = 0;
  for (const [index, digit] of digits.entries()) {
    const below = prefix + digit;
    if (before === undefined || changed === 'all') {
      children.push(updated(map, below, 'all', put));
      continue;
    }
    let to = from;
    while (changed[to]?.startsWith(below) === true) to += 1;
    children.push(
      from === to ? childOf(before, index) : updated(map, below, changed.slice(from, to), put),
    );
    from = to;
  }
  put(prefix, pageOf(children));
  return levelsOf(children)[0]?.[0] ?? nothing;
}

/** The root of the map as its pages and entries have it. */
export function rootOfPages(map: HeadPages): Hash {
  const page = map.page('');
  if (page === undefined) return subtreeOf(map.entries('', maxPagelessBytes), 0).hash;
  return levelsOf(childrenOf(page))[0]?.[0]?.hash ?? emptyMapRoot;
}

/**
 * Proves that the stream ends with the head in the map.
 *
 * @throws RangeError when the map does not hold the stream
 */
export function proveHeadFrom(map: HeadPages, stream: string): HeadProof {
  const key = streamKey(stream);
  const { siblings, end } = wayOf(map, key);
  if (end?.key !== key) throw new RangeError(`there is no stream "${stream}"`);
  return { siblings };
}

/**
 * Proves that the map does not hold the stream.
 *
 * @throws RangeError when it does
 */
export function proveAbsenceFrom(map: HeadPages, stream: string): AbsenceProof {
  const key = streamKey(stream);
  const { siblings, end } = wayOf(map, key);
  if (end?.key === key) throw new RangeError(`there is a stream "${stream}"`);
  return end === undefined ? { siblings } : { siblings, other: end };
}

/** The siblings on a key's way, from the end up, and what stands at the end. */
function wayOf(
  map: HeadPages,
  key: Hash,
): { readonly siblings: readonly Hash[]; readonly end: MapEntry | undefined } {
  const siblings: Hash[] = [];
  for (let depth = 0; ; depth += 4) {
    const prefix = key.slice(0, depth / 4);
    const page = map.page(prefix);
    if (page === undefined) {
      const end = descend(map.entries(prefix, maxPagelessBytes), key, depth, siblings);
      return { siblings: siblings.reverse(), end };
    }
    const levels = levelsOf(childrenOf(page));
    let at = 0;
    for (const [level, nodes] of levels.entries()) {
      const node = nodes[at] ?? nothing;
      if (node.kind < 2) {
        return {
          siblings: siblings.reverse(),
          end: node.kind === 0 ? undefined : onlyEntry(map, prefix, level, at),
        };
      }
      if (level === 4) break;
      at = 2 * at + bitOf(key, depth + level);
      siblings.push(levels[level + 1]?.[at ^ 1]?.hash ?? emptyMapRoot);
    }
  }
}

/** The one entry below a node of a page's levels. */
function onlyEntry(
  map: HeadPages,
  prefix: string,
  level: number,
  at: number,
): MapEntry | undefined {
  const width = digits.length >> level;
  for (const digit of digits.slice(at * width, (at + 1) * width)) {
    const [entry] = map.entries(prefix + digit, 1);
    if (entry !== undefined) return entry;
  }
  return undefined;
}

function descend(
  entries: readonly MapEntry[],
  key: Hash,
  from: number,
  siblings: Hash[],
): MapEntry | undefined {
  let here = entries;
  for (let depth = from; here.length > 1; depth += 1) {
    const [zero, one] = halves(here, depth);
    const [own, other] = bitOf(key, depth) === 0 ? [zero, one] : [one, zero];
    siblings.push(subtreeOf(other, depth + 1).hash);
    here = own;
  }
  return here[0];
}

function subtreeOf(entries: readonly MapEntry[], depth: number): Subtree {
  const [first, second] = entries;
  if (first === undefined) return nothing;
  if (second === undefined) return { kind: 1, hash: entryHash(first) };
  const [zero, one] = halves(entries, depth);
  return {
    kind: 2,
    hash: branchHash(subtreeOf(zero, depth + 1).hash, subtreeOf(one, depth + 1).hash),
  };
}

/**
 * Splits entries, in order of their keys and equal before `depth`, into those whose bit is 0 and
 * those whose bit is 1.
 */
function halves(
  entries: readonly MapEntry[],
  depth: number,
): readonly [readonly MapEntry[], readonly MapEntry[]] {
  const first = entries.findIndex(({ key }) => bitOf(key, depth) === 1);
  return first === -1 ? [entries, []] : [entries.slice(0, first), entries.slice(first)];
}

/** The five levels of binary nodes within a page: from its one top to its sixteen children. */
function levelsOf(children: readonly Subtree[]): readonly (readonly Subtree[])[] {
  const levels: (readonly Subtree[])[] = [children];
  for (let below = children; below.length > 1;) {
    const level: Subtree[] = [];
    for (let at = 0; at < below.length; at += 2)
      level.push(joined(below[at] ?? nothing, below[at + 1] ?? nothing));
    levels.unshift(level);
    below = level;
  }
  return levels;
}

function joined(zero: Subtree, one: Subtree): Subtree {
  if (zero.kind === 0 && one.kind < 2) return one;
  if (one.kind === 0 && zero.kind < 2) return zero;
  return { kind: 2, hash: branchHash(zero.hash, one.hash) };
}

function pageOf(children: readonly Subtree[]): Uint8Array {
  const page = Buffer.alloc(pageLength);
  for (const [index, { kind, hash }] of children.entries()) {
    page[index * childLength] = kind;
    page.write(hash, index * childLength + 1, 'hex');
  }
  return page;
}

function childrenOf(page: Uint8Array): readonly Subtree[] {
  return digits.map((_, index) => childOf(page, index));
}

function childOf(page: Uint8Array, index: number): Subtree {
  const at = index * childLength;
  const kind = page[at];
  if (page.length !== pageLength || (kind !== 0 && kind !== 1 && kind !== 2))
    throw new HeadPageError('a page of stream heads is damaged');
  return { kind, hash: Buffer.from(page.subarray(at + 1, at + childLength)).toString('hex') };
}
