import { createPrivateKey, hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { deflateRawSync } from 'node:zlib';
import {
  buildPack,
  readZip,
  verifyPack,
  type LoggedEvent,
  type PackSource,
  type StatementPrinter,
} from '@penalty-ledger/evidence';
import { statementPrinter } from '@penalty-ledger/evidence/printing';
import {
  rulebooks,
  fingerprintOf,
  recordEvents,
  type Instant,
  type NewEvent,
  type StreamHead,
} from '@penalty-ledger/ledger';
import {
  appendLeaves,
  inclusionProof,
  MemoryTiles,
  rootAt,
  signCheckpoint,
  signNote,
  signerKey,
  StreamHeads,
  type SignerKey,
} from '@penalty-ledger/merkle-log';
import { timed, type Case } from './harness.js';

const at = '2019-06-01T00:00:00.000Z' as Instant;
const ledgerId = 'bench';
const agency = 'agency-a1';

/** Builds packs of an agency whose events lie scattered in a larger log. */
export function packsBuilt(events: number, leaves: number): Case {
  return {
    name: `evidence: packs of ${events} events of ${leaves} built`,
    explanation:
      'ours: proofs read from tiles in memory, answers, statement as page and as PDF, ZIP; ' +
      `raw: ${rawIs}`,
    ours: () => {
      const source = sourceOf(events, leaves);
      return timed(1, () => {
        buildPack(source, printedRequest());
      });
    },
    raw: () => rawPack(sourceOf(events, leaves)),
  };
}

/** Verifies one of them. */
export function packsVerified(events: number, leaves: number): Case {
  return {
    name: `evidence: packs of ${events} events of ${leaves} verified`,
    explanation: `ours: every step, the PDF printed anew; raw: ${rawIs}`,
    ours: () => {
      const pack = buildPack(sourceOf(events, leaves), printedRequest());
      const keys = [key()];
      return timed(1, () => {
        if (!verifyPack(pack, { keys, printer: printer() }).holds)
          throw new Error('the pack does not hold');
      });
    },
    raw: () => rawPack(sourceOf(events, leaves)),
  };
}

const rawIs = 'hashing and deflating (zlib) the same files';

const request = { subject: { agencyId: 'a1' }, period: '2019' };

function printedRequest() {
  return { ...request, printer: printer() };
}

let opened: StatementPrinter | undefined;

function printer(): StatementPrinter {
  const font = '@expo-google-fonts/noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf';
  const library = createRequire(import.meta.resolve('@penalty-ledger/evidence/printing'));
  return (opened ??= statementPrinter(readFileSync(library.resolve(font))));
}

function rawPack(source: PackSource): ReturnType<typeof timed> {
  const entries = readZip(buildPack(source, request));
  return timed(1, () => {
    for (const { content } of entries) {
      hash('sha256', content, 'hex');
      deflateRawSync(content, { level: 9 });
    }
  });
}

function key(): SignerKey {
  const seed = hash('sha256', 'bench', 'hex');
  const pkcs8 = Buffer.from(`302e020100300506032b657004220420${seed}`, 'hex');
  return signerKey(
    'ledger.example/bench',
    createPrivateKey({ key: pkcs8, type: 'pkcs8', format: 'der' }),
  );
}

/** A ledger with one agency of `events` events, and as many leaves besides as make `leaves`. */
function sourceOf(events: number, leaves: number): PackSource {
  const name = `${events} of ${leaves}`;
  const source = sources.get(name) ?? madeSource(events, leaves);
  sources.set(name, source);
  return source;
}

/** Made when a case that is measured asks, and once. */
const sources = new Map<string, PackSource>();

function madeSource(events: number, leaves: number): PackSource {
  const recorded = new Recorder();
  const settings = {
    ledgerId,
    mode: 'observer',
    simulation: false,
    zone: 'Asia/Shanghai',
  } as const;
  recorded.record('ledger', [{ type: 'LedgerOpened', data: settings }]);
  recorded.record('rulebooks', rulebooks.shippedRulebooks());
  recorded.record(agency, [{ type: 'AgencyAdmitted', data: { agencyId: 'a1' }, effectiveAt: at }]);
  const [, rulebook] = rulebooks.shippedRulebooks();
  const gap = Math.floor(leaves / events);
  for (let number = 1; number < events; number += 1) {
    recorded.skip(gap - 1);
    const terms = {
      account: 'points',
      clause: 'improper-operation',
      period: '2019',
      periodStated: false,
      points: 1,
    };
    const deduction: NewEvent = {
      type: 'DeductionImposed',
      data: { ...terms, agencyId: 'a1', deductionId: `d${number}` },
      occurredAt: at,
      effectiveAt: at,
      ...(rulebook?.rulebook !== undefined && { rulebook: rulebook.rulebook }),
      personal: { noticeText: `机构运营不当，扣1分。第${number}号通知。` },
    };
    recorded.record(agency, [deduction]);
  }
  return recorded.source();
}

class Recorder {
  readonly #leaves: string[] = [];
  readonly #streams = new Map<string, LoggedEvent[]>();
  readonly #heads = new Map<string, StreamHead>();

  record(stream: string, events: readonly NewEvent[]): void {
    const commandId = `command/${this.#leaves.length}`;
    const recorded = recordEvents(events, {
      ledgerId,
      stream,
      head: this.#heads.get(stream),
      recordedAt: at,
      actor: 'bench',
      causation: { command: 'Bench', commandId, fingerprint: fingerprintOf('Bench', {}) },
      subject: { id: 'agency:a1', key: subjectKey },
    });
    const logged = this.#streams.get(stream) ?? [];
    for (const { record } of recorded) {
      logged.push({ index: this.#leaves.length, body: record.body });
      this.#leaves.push(record.leafHash);
      this.#heads.set(stream, record);
    }
    this.#streams.set(stream, logged);
  }

  /** Leaves of other agencies. */
  skip(leaves: number): void {
    for (let leaf = 0; leaf < leaves; leaf += 1)
      this.#leaves.push(hash('sha256', String(this.#leaves.length), 'hex'));
  }

  source(): PackSource {
    const tiles = new MemoryTiles();
    tiles.write(appendLeaves(tiles, 0, this.#leaves));
    const heads = new StreamHeads();
    for (const [stream, { revision, leafHash }] of this.#heads)
      heads.set(stream, { revision, leafHash });
    const size = this.#leaves.length;
    const streamHeads = { count: heads.count, root: heads.root() };
    const checkpoint = {
      origin: key().name,
      size,
      root: rootAt(tiles, size),
      streamHeads,
      signedAt: at,
    };
    return {
      checkpoint: signCheckpoint(checkpoint, [key()]),
      sign: (text) => signNote(text, [key()]),
      stream: (name) => this.#streams.get(name) ?? [],
      inclusionProof: (index) => inclusionProof(tiles, index, size),
      headProof: (stream) => heads.proveHead(stream),
      absenceProof: (stream) => heads.proveAbsence(stream),
      consistencyProof: () => [],
    };
  }
}

const subjectKey = Buffer.alloc(32, 7);
