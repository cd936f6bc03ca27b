import { existsSync } from 'node:fs';
import { KeyStore } from '@penalty-ledger/application';
import { AccessFile } from '@penalty-ledger/application/access-file';
import {
  Anchors,
  isSignedBy,
  UnloggedActs,
  verifyAccessLog,
  type Anchor,
  type LogCut,
} from '@penalty-ledger/application/access-log';
import { keysSoFar } from '@penalty-ledger/application/key-rotations';
import { openExistingStore } from '@penalty-ledger/application/open-store';
import { locationOf, type LedgerLocation } from '@penalty-ledger/application/store-url';
import { StoreUnavailableError } from '@penalty-ledger/event-store';
import { Sentence } from '@penalty-ledger/ledger';
import { parseNote, parseVerifierKey, type VerifierKey } from '@penalty-ledger/merkle-log';
import { UsageError } from '../terminal/exit-codes.js';
import { said } from '../terminal/language.js';

/** The result of verifying an access log. */
export interface AccessLogReport {
  readonly holds: boolean;
  readonly path: string;
  /** Entries before the damage, or of the whole log. */
  readonly entries: number;
  /** The last entry, to be kept elsewhere: `122:9fe0…`. */
  readonly head?: string;
  /** The entries it was compared with: anchors of the access file, and given heads. */
  readonly anchors: number;
  /** The acts on this machine that the service has not moved into the log yet. */
  readonly waiting: number;
  /** The last line has no end: the service is writing it, or a crash cut it off. */
  readonly isUnfinished: boolean;
  /** The last of the entries that were cut off before, and whether the ledger signed it. */
  readonly cut?: {
    readonly seq: number;
    readonly hash: string;
    readonly at: string;
    /** Left out when no key was at hand. */
    readonly isSigned?: boolean;
  };
  /** The first damage: the entry, and where it begins, in bytes. */
  readonly damage?: {
    readonly seq: number;
    readonly offset: number;
    readonly kind: string;
    readonly problem: Sentence;
  };
}

/**
 * Verifies the access log of a ledger against its anchors, with or without a running service; or a
 * copy of one by itself.
 *
 * @param url the ledger, whose log it is unless `file` is given
 * @param heads `SEQ:HASH`, entries that were kept elsewhere
 * @param keys by which a cut must be signed; those of the ledger's key file unless given
 * @throws UsageError for a malformed head, StoreUnavailableError when there is no log
 */
export async function verifyAccess(
  url: string,
  file: string | undefined,
  heads: readonly string[],
  keys?: readonly VerifierKey[],
): Promise<AccessLogReport> {
  const location = locationOf(url);
  const path = file ?? location.accessLog;
  const kept = heads.map(anchorOf);
  const own = file === undefined ? ownAnchors(location) : { anchors: [], waiting: 0 };
  if (!existsSync(path) && (file !== undefined || own.anchors.length === 0)) {
    throw new StoreUnavailableError({
      en: `there is no access log at "${path}"; the service makes it when it starts`,
      zh: `"${path}" 处没有访问日志；服务启动时会生成`,
    });
  }
  const anchors = [...own.anchors, ...kept];
  const verdict = await verifyAccessLog(path, anchors);
  const found = { path, entries: verdict.entries, anchors: anchors.length, waiting: own.waiting };
  if (verdict.damage === undefined) {
    const { head, cut } = verdict;
    const shown = head === undefined ? {} : { head: `${head.seq}:${head.hash}` };
    const begun = cut === undefined ? {} : { cut: await cutOf(cut, keys, file, location) };
    const { isSigned } = begun.cut ?? {};
    const damage =
      isSigned === false
        ? { seq: begun.cut?.seq ?? 0, offset: 0, kind: 'cut', problem: unsigned }
        : undefined;
    return {
      holds: damage === undefined,
      ...found,
      isUnfinished: false,
      ...shown,
      ...begun,
      ...(damage !== undefined && { damage }),
    };
  }
  const { damage } = verdict;
  return damage.kind === 'unfinished'
    ? { holds: true, ...found, isUnfinished: true }
    : { holds: false, ...found, isUnfinished: false, damage };
}

const unsigned = new Sentence({
  en: 'is not signed by the ledger as the last that was cut off',
  zh: '未经账本签署为最后一条已截除的记录',
});

/** A cut, and whether one of the keys signed it. */
async function cutOf(
  cut: LogCut,
  given: readonly VerifierKey[] | undefined,
  file: string | undefined,
  location: LedgerLocation,
): Promise<NonNullable<AccessLogReport['cut']>> {
  const keys = given ?? (file === undefined ? await ownKeys(cut, location) : []);
  const { seq, hash, at } = cut;
  return { seq, hash, at, ...(keys.length > 0 && { isSigned: isSignedBy(cut, keys) }) };
}

/** The key of the ledger's key file that a cut names, and those that it followed. */
async function ownKeys(cut: LogCut, location: LedgerLocation): Promise<readonly VerifierKey[]> {
  const own = keyIn(cut, location.keys);
  if (own === undefined) return [];
  const key = parseVerifierKey(own);
  if (isSignedBy(cut, [key])) return [key];
  const store = await openExistingStore(location, { access: 'read' });
  try {
    return await keysSoFar(store, own);
  } finally {
    await store.close();
  }
}

function keyIn({ note }: LogCut, path: string): string | undefined {
  if (!existsSync(path)) return undefined;
  const keys = KeyStore.open(path);
  try {
    const names = parseNote(note).signatures.map(({ name }) => name);
    return names.map((name) => keys.findSigningKey(name)?.verifierKey).find(Boolean);
  } finally {
    keys.close();
  }
}

/** The service's anchors of its log, and the number of acts it has not moved into the log yet. */
function ownAnchors(files: Pick<LedgerLocation, 'access' | 'anchors'>): {
  readonly anchors: readonly Anchor[];
  readonly waiting: number;
} {
  return {
    anchors: readAccess(files.anchors, (file) => new Anchors(file).all()) ?? [],
    waiting: readAccess(files.access, (file) => new UnloggedActs(file).waiting) ?? 0,
  };
}

function readAccess<T>(path: string, read: (file: AccessFile) => T): T | undefined {
  if (!existsSync(path)) return undefined;
  const access = AccessFile.open(path);
  try {
    return read(access);
  } finally {
    access.close();
  }
}

function anchorOf(text: string): Anchor {
  const [, seq = '', hash = ''] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (hash === '')
    throw new UsageError(
      said(`--head: "${text}" is not SEQ:HASH`, `--head："${text}" 不是 SEQ:HASH`),
      said('copy it from "head" of GET /access-log', '请从 GET /access-log 的 "head" 复制'),
    );
  return { seq: Number(seq), hash };
}
