import { hash } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { readZip, writeZip, type Manifest, type ZipEntry } from '@penalty-ledger/evidence';
import { canonicalJson, eventIdOf, leafHashOf, type EventEnvelope } from '@penalty-ledger/ledger';
import { signNote } from '@penalty-ledger/merkle-log';
import { writeStatement } from '../../libs/evidence/src/statement.js';
import { dishonestLedgers, withLies, type Dishonest, type Draw } from './dishonest.js';
import { completeness, joined, recomputed } from './pack-internals.js';
import { LoggedLedger, testKey } from '../support/logged-ledger.js';

/** Hostile packs, each made from a good one by its number alone, so that a failure can be named. */

const ledgerKey = testKey('ledger.example/test');

/** Pseudo-random numbers that follow from a seed (Mulberry32). */
class Dice implements Draw {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** An integer from 0 to `below` − 1. */
  roll(below: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * below);
  }

  pick<T>(from: readonly T[]): T {
    return from[this.roll(from.length)]!;
  }
}

/** Stands in a text for a value that is nested deeper than canonical JSON may be. */
const deep = 'nested too deep';

const values: readonly unknown[] = [
  ...[null, true, false, 0, 1, -1, 5, 120, 2 ** 53 - 1, -(2 ** 53 - 1)],
  ...['', 'x', '5', 'd1', 'p1', 'points', '2019', '2020', 'upheld', 'complaint', '__proto__'],
  ...['2019-03-28T02:00:00.000Z', '9100-01-01T00:00:00.000Z', '2019-02-29T00:00:00.000Z'],
  ...['2019-01-01', '2019-03-07T00:00:00+08:00', 'evidence-e1', 'e 1', '\u2028', '𠮷'],
  ...['0'.repeat(64), 'f'.repeat(64), 'AAAA', deep, 'x'.repeat(5000)],
  ...[[], {}, [[]], [null], ['d1'], ['d1', 'd1'], [{}], { en: 'x', zh: 'x' }],
  ...[{ as: 5, atLeast: 1 }, { kind: 'complaint' }, { value: 1, assumed: true, source: 'x' }],
];

const names = [
  ...['__proto__', 'constructor', 'toString', 'length', 'decided', 'withdrawn', 'revoked'],
  ...['findings', 'expulsion', 'appealId', 'deductionIds', 'evidence', 'recordedAt', 'items'],
  ...['effectiveAt', 'episode', 'scale', 'expels', 'basis', 'complaintId', 'simulation', 'x'],
];

type Container = Record<string, unknown> | unknown[];

function containersIn(value: unknown, found: Container[] = []): Container[] {
  if (typeof value !== 'object' || value === null) return found;
  found.push(value as Container);
  for (const member of Object.values(value)) containersIn(member, found);
  return found;
}

/** Changes a parsed JSON value in one place. */
function mutate(value: unknown, dice: Dice): void {
  const containers = containersIn(value);
  const container = dice.pick(containers);
  const keys = Object.keys(container);
  const key = dice.pick(keys.length === 0 ? ['0'] : keys);
  const old: unknown = (container as Record<string, unknown>)[key];
  const set = (name: string, to: unknown): void => {
    // An assignment to `__proto__` would set no member.
    const member = { value: to, enumerable: true, configurable: true, writable: true };
    Object.defineProperty(container, name, member);
  };
  switch (dice.roll(7)) {
    case 0:
      if (Array.isArray(container)) container.splice(Number(key), 1);
      else Reflect.deleteProperty(container, key);
      break;
    case 1:
      if (Array.isArray(container)) container.push(structuredClone(dice.pick(container)));
      else set(dice.pick(names), structuredClone(dice.pick(values)));
      break;
    case 2:
      set(key, structuredClone(Object.values(dice.pick(containers))[0] ?? null));
      break;
    case 3:
      if (typeof old === 'number') set(key, old + dice.pick([-1, 1, 1000]));
      else if (typeof old === 'string') set(key, old.slice(dice.roll(2), dice.pick([-1, 4, 99])));
      else set(key, dice.pick(values));
      break;
    default:
      set(key, structuredClone(dice.pick(values)));
  }
}

/** Canonical JSON if there is one; else JSON in the order of its members. */
function written(value: unknown): string {
  const nested = `${'['.repeat(70)}${']'.repeat(70)}`;
  try {
    return canonicalJson(value).replaceAll(`"${deep}"`, nested);
  } catch {
    return JSON.stringify(value);
  }
}

type Files = Map<string, ZipEntry>;

function set(files: Files, name: string, content: Uint8Array | string): void {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  const stored = name === 'manifest.json' || name.endsWith('ture.txt') || name.includes('/');
  const packed = stored ? bytes : deflateRawSync(bytes, { level: 1 });
  files.set(name, { name, content: bytes, packed });
}

function text(files: Files, name: string): string {
  return Buffer.from(files.get(name)!.content).toString();
}

/** The pack of these files: listed anew, and by an issuer signed anew. */
function packOf(files: Files, isSigned: boolean): Uint8Array {
  const manifest = JSON.parse(text(files, 'manifest.json')) as Manifest;
  if (Array.isArray(manifest.files)) {
    const others = [...files.values()].filter(
      ({ name }) => name !== 'manifest.json' && name !== 'signature.txt',
    );
    set(
      files,
      'manifest.json',
      written({
        ...manifest,
        files: others.map(({ name, content, packed }) => ({
          bytes: content.length,
          name,
          ...(packed !== content && {
            packed: { bytes: packed.length, sha256: hash('sha256', packed, 'hex') },
          }),
          sha256: hash('sha256', content, 'hex'),
        })),
      }),
    );
  }
  if (isSigned) {
    const listing = hash('sha256', files.get('manifest.json')!.content, 'hex');
    const note = `penalty-ledger/evidence-pack\n${manifest.origin}\n${listing}\n`;
    if (!/[^\n -~]/.test(note)) set(files, 'signature.txt', signNote(note, [ledgerKey]));
  }
  return writeZip([...files.values()]);
}

const fold = { ledger: 0, rulebooks: 1 };

/** Chains the events of streams anew, with the ids of their commands, as a dishonest issuer can. */
export function chainedAnew(events: readonly EventEnvelope[]): string[] {
  const ends = new Map<string, { previous: string; event: EventEnvelope; index: number }>();
  return events.map((event) => {
    const { stream, causation } = event;
    const last = ends.get(stream);
    const isSame =
      last?.event.causation.command === causation.command &&
      last.event.causation.commandId === causation.commandId;
    const index = isSame ? last.index + 1 : 0;
    const recordedAt =
      last !== undefined && last.event.recordedAt > event.recordedAt
        ? last.event.recordedAt
        : event.recordedAt;
    const chained = {
      ...event,
      id: eventIdOf('test', stream, causation, index),
      previous: last?.previous ?? '0'.repeat(64),
      recordedAt,
      revision: last === undefined ? 0 : last.event.revision + 1,
    };
    const body = written(chained);
    ends.set(stream, { previous: leafHashOf(body), event: chained, index });
    return body;
  });
}

/** The document of a rulebook under its own hash, whatever it says now. */
export function renamed(event: EventEnvelope): EventEnvelope {
  const { document } = event.data as { document?: { id: string; rulebookVersion: string } };
  if (document === undefined || event.rulebook === undefined) return event;
  const sha256 = hash('sha256', written(document), 'hex');
  const { id, rulebookVersion } = document;
  const data = { ...(event.data as object), sha256 };
  return { ...event, data, rulebook: { id, rulebookVersion, sha256 } };
}

const types = [
  ...['AgencyAdmitted', 'AgencyExited', 'AgencyReadmitted', 'DeductionCorrected'],
  ...['DeductionImposed', 'DeductionRevoked', 'DeductionAdjusted', 'DeductionReinstated'],
  ...['AppealInitiated', 'AppealEvidenceSubmitted', 'AppealWithdrawn', 'AppealDecided'],
  ...['PendingExpulsionOpened', 'PendingExpulsionLifted', 'ExpulsionExecuted'],
  ...['ExpulsionUnsupported', 'ExpulsionRevoked', 'ReentryApplied', 'PlatformBalanceObserved'],
  ...['ComplaintFiled', 'ComplaintClosed', 'MeasureLifted', 'HumanReviewAnswered'],
  ...['AdditionRevoked', 'AssessmentComputed', 'RulebookPublished', 'CalendarPublished'],
  ...['LedgerOpened', 'EvidenceRegistered', 'Unknown'],
];

/** The parts of a good pack that hostile ones are made of. */
export interface Base {
  readonly pack: Uint8Array;
  readonly signedAt: string;
  /** The ledger's events. */
  readonly bodies: readonly string[];
}

/** Draws the statement of these files, on the page of this program. */
function draw(files: Files): void {
  const statement = writeStatement({
    manifest: JSON.parse(text(files, 'manifest.json')) as Manifest,
    names: [...files.keys()],
    checkpoint: text(files, 'checkpoint.txt'),
    computation: text(files, 'computation.json'),
    ...(files.has('disclosed.json') && { disclosed: text(files, 'disclosed.json') }),
    events: text(files, 'events.ndjson'),
  });
  set(files, 'statement.html', statement);
}

const drawn = new WeakMap<Uint8Array, Files>();

/** The files of a pack with the statement as this program draws it, so that old vectors serve. */
function filesIn(pack: Uint8Array): Files {
  let files = drawn.get(pack);
  if (files === undefined) {
    files = new Map(readZip(pack).map((entry) => [entry.name, entry]));
    draw(files);
    drawn.set(pack, files);
  }
  return new Map(files);
}

const ledgersOf = new WeakMap<readonly string[], readonly Dishonest[]>();

/** The ledgers that a dishonest operator signs packs of, made once. */
function dishonestOf(bodies: readonly string[]): readonly Dishonest[] {
  let ledgers = ledgersOf.get(bodies);
  if (ledgers === undefined) {
    ledgers = dishonestLedgers(bodies);
    ledgersOf.set(bodies, ledgers);
  }
  return ledgers;
}

/** A pack of a ledger that says of itself what the rulebooks do not say. */
function ofDishonestLedger({ bodies, pack, signedAt }: Base, dice: Dice): Uint8Array {
  const own = dice.roll(4) > 0 ? bodies : dice.pick(dishonestOf(bodies)).bodies;
  return packOfHistory({ bodies: withLies(own, dice), pack, signedAt });
}

/** A pack that a dishonest operator signs over a history of his own. */
function ofOtherHistory({ bodies, pack, signedAt }: Base, dice: Dice): Uint8Array {
  const events = bodies.map((body) => JSON.parse(body) as EventEnvelope);
  const own = events.flatMap(({ stream }, at) =>
    /^(?:agency-a1|evidence-|creator-|session-a1-)/.test(stream) || stream in fold ? [at] : [],
  );
  const changes = 1 + dice.roll(2);
  for (let change = 0; change < changes; change += 1) {
    const at = dice.pick(own);
    const event = events[at]!;
    switch (dice.roll(9)) {
      case 0:
        if (at > 0) events[at] = { ...event, type: dice.pick(types) };
        break;
      case 1:
        events.push({
          ...structuredClone(event),
          causation: { ...event.causation, commandId: `again/${String(change)}` },
        });
        break;
      case 2:
        mutate(event, dice);
        break;
      case 3: {
        const other = dice.pick(own);
        if (at > 0 && other > 0)
          [events[at], events[other]] = [
            { ...events[other]!, stream: event.stream },
            { ...event, stream: events[other]!.stream },
          ];
        break;
      }
      default:
        mutate(event.data, dice);
    }
  }
  const isRenamed = dice.roll(4) > 0;
  let chained: string[];
  try {
    chained = chainedAnew(isRenamed ? events.map(renamed) : events);
  } catch {
    // Envelopes that cannot be chained any more stay as they are.
    chained = events.map(written);
  }
  return packOfHistory({ bodies: chained, pack, signedAt });
}

/**
 * A pack that says what its first event's signer wants: over these events, whatever they are, with
 * a log, proofs, answers and a signature that fit them as far as there are any.
 */
export function packOfHistory({ bodies: chained, pack, signedAt }: Base): Uint8Array {
  const files = filesIn(pack);
  const manifest = JSON.parse(text(files, 'manifest.json')) as Manifest;
  const { assessments = [] } = manifest;
  const included = (body: string): boolean =>
    /"stream":"(?:ledger|rulebooks|agency-a1|evidence-[^"]*)"/.test(body) ||
    (assessments.length > 0 && /"stream":"(?:creator-[^"]+|session-a1-\d{4}-\d\d)"/.test(body));
  const lines = chained.filter(included);
  set(files, 'events.ndjson', lines.map((line) => `${line}\n`).join(''));
  try {
    const source = new LoggedLedger(chained, new Map(), ledgerKey).source(signedAt);
    const indexes = chained.flatMap((body, index) => (included(body) ? [index] : []));
    set(files, 'checkpoint.txt', source.checkpoint);
    const { present, absent } = completeness(lines, 'a1', assessments);
    set(
      files,
      'proofs.json',
      written({
        absent: absent.map((stream) => ({ ...source.absenceProof(stream), stream })),
        consistency: [],
        heads: present.map((stream) => ({ ...source.headProof(stream), stream })),
        inclusion: joined(indexes, chained.length, source),
        indexes,
      }),
    );
  } catch {
    // A history for which there is no log keeps the old proofs.
  }
  const answers = recomputed(lines, manifest, signedAt);
  if (answers !== undefined) set(files, 'computation.json', answers);
  draw(files);
  return packOf(files, true);
}

const json = ['manifest.json', 'proofs.json', 'computation.json', 'disclosed.json'];

/** The hostile pack of a number. */
export function hostilePack(base: Base, number: number): Uint8Array {
  const dice = new Dice(number);
  const { pack } = base;
  const files = (): Files => filesIn(pack);
  const spoiled = (bytes: Uint8Array): Uint8Array => {
    const at = dice.roll(bytes.length);
    const piece = Uint8Array.from({ length: 1 + dice.roll(4) }, () => dice.roll(256));
    switch (dice.roll(5)) {
      case 0:
        return bytes.subarray(0, at);
      case 1:
        return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)]);
      case 2:
        return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + piece.length)]);
      default:
        return bytes.with(at, dice.roll(256));
    }
  };
  switch (dice.roll(8)) {
    case 0:
      return spoiled(pack);
    case 1: {
      const all = files();
      const name = dice.pick([...all.keys()].slice(1));
      set(all, name, spoiled(all.get(name)!.content));
      return packOf(all, dice.roll(2) === 0);
    }
    case 2: {
      const all = files();
      const name = dice.pick(json.filter((each) => all.has(each)));
      const value: unknown = JSON.parse(text(all, name));
      mutate(value, dice);
      set(all, name, written(value));
      try {
        return packOf(all, dice.roll(4) > 0);
      } catch {
        return writeZip([...all.values()]);
      }
    }
    case 3: {
      const all = files();
      const lines = text(all, 'events.ndjson').trimEnd().split('\n');
      const at = dice.roll(lines.length);
      const event: unknown = JSON.parse(lines[at]!);
      mutate(event, dice);
      lines[at] = written(event);
      set(all, 'events.ndjson', lines.map((line) => `${line}\n`).join(''));
      return packOf(all, true);
    }
    case 4:
    case 5:
      return ofDishonestLedger(base, dice);
    default:
      return ofOtherHistory(base, dice);
  }
}
