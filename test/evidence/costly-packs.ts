import { hash } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { readZip, type ZipEntry } from '@penalty-ledger/evidence';
import {
  aliMcn20190307,
  canonicalJson,
  instantOf,
  knownRulebook,
  leafHashOf,
  type Account,
  type EventEnvelope,
  type Instant,
  type Rulebook,
} from '@penalty-ledger/ledger';
import { signNote } from '@penalty-ledger/merkle-log';
import { testKey } from '../support/logged-ledger.js';
import { forged, forgedEntries, textIn } from './forging.js';
import { chainedAnew, packOfHistory, renamed, type Base } from './fuzzing.js';

/** A pack that costs its verifiers as much as it can for its size. */
export interface CostlyPack {
  readonly name: string;
  readonly about: string;
  /** Makes it; at scale 1 it is as large as some limit allows. */
  readonly make: (scale: number) => Uint8Array;
}

type Data = Readonly<Record<string, unknown>>;
type Event = EventEnvelope<string, Data>;

/** Some costly packs, each made of a good one by an operator who signs what he likes. */
export function costlyPacks(base: Base, printed: Uint8Array): readonly CostlyPack[] {
  const history = base.bodies.map((body) => JSON.parse(body) as Event);
  const [opened] = history as [Event];
  const shipped = history.find(({ type }) => type === 'RulebookShipped')!;
  const admitted = history.find(({ stream }) => stream === 'agency-a1')!;
  const [account] = aliMcn20190307.accounts as [Account];
  const clause = aliMcn20190307.clauses.find(({ points }) => points === null)!;
  const unreachable = { ...account, threshold: 1_000_000_000 };
  const early: Rulebook = {
    ...aliMcn20190307,
    accounts: [unreachable],
    announcedAt: '2018-01-01T00:00:00+08:00',
    effectiveFrom: '2018-07-03T00:00:00+08:00',
  };
  const at = '2019-03-02T02:00:00.000Z' as Instant;

  const { effectiveAt: _, ...admission } = admitted;
  const fact = (type: string, data: Data, number: number): Event => ({
    ...admission,
    causation: {
      ...admitted.causation,
      command: commands[type]!,
      commandId: `${type}/${String(number)}`,
    },
    data: { agencyId: 'a1', ...data },
    recordedAt: at,
    type,
  });
  const deduction = (number: number, data: Data = {}): Event => ({
    ...fact(
      'DeductionImposed',
      {
        ...{ account: 'points', clause: clause.id, deductionId: `w${String(number)}` },
        ...{ period: '2019', periodStated: false, points: 1, ...data },
      },
      number,
    ),
    effectiveAt: at,
    occurredAt: instantOf(Date.parse(at) - number * 60_000),
    rulebook: knownRulebook(early).reference,
  });
  const published = (document: Rulebook, number = 0): Event => ({
    ...shipped,
    causation: { ...shipped.causation, commandId: `ledger/${String(number)}` },
    data: { document, sha256: '' },
    effectiveAt: knownRulebook(document).effectiveFrom,
  });
  /** The events of the agency under rulebooks, signed. */
  const signed = (
    events: readonly Event[],
    rulebooks: readonly Rulebook[] = [early],
    pack = base.pack,
  ): Uint8Array => {
    const reference = knownRulebook(rulebooks.at(-1)!).reference;
    const bodies = chainedAnew([
      opened,
      ...rulebooks.map((document, number) => renamed(published(document, number))),
      ...events.map((each) =>
        each.rulebook === undefined ? each : { ...each, rulebook: reference },
      ),
    ]);
    return packOfHistory({ ...base, bodies, pack });
  };
  const many = <T>(count: number, make: (number: number) => T): T[] =>
    Array.from({ length: Math.max(1, Math.round(count)) }, (_, number) => make(number));

  return [
    {
      name: 'deductions',
      about: 'deductions in one admission, as many as the work of the answers allows',
      make: (scale) => signed([admitted, ...many(7000 * scale, deduction)]),
    },
    {
      name: 'admissions',
      about: 'admissions and deductions, as many',
      make: (scale) =>
        signed([
          admitted,
          ...many(290 * scale, (number) => fact('AgencyAdmitted', {}, number)),
          ...many(290 * scale, deduction),
        ]),
    },
    {
      name: 'accounts',
      about: 'a rulebook of 50 accounts, and deductions',
      make: (scale) => {
        const accounts = many(50, (number) => ({
          ...unreachable,
          id: number === 0 ? unreachable.id : `a${String(number)}`,
        }));
        return signed([admitted, ...many(990 * scale, deduction)], [{ ...early, accounts }]);
      },
    },
    {
      name: 'expulsions',
      about: 'expulsions, readmissions and deductions, as many',
      make: (scale) => {
        const breach = (...codes: readonly string[]) => ({
          findings: codes.map((code) => ({ code, detail: '', severity: 'breach' })),
        });
        const expulsion = (number: number): Event => ({
          ...fact(
            'ExpulsionExecuted',
            {
              ...{
                account: 'points',
                balance: Math.max(1, Math.round(50 * scale)),
                carryOver: null,
              },
              ...{ period: '2019', reentryFrom: '2019-08-29T16:00:00.000Z' },
              ...{ threshold: unreachable.threshold },
              ...breach('no_last_chance', 'below_threshold'),
            },
            number,
          ),
          effectiveAt: at,
          rulebook: knownRulebook(early).reference,
        });
        return signed([
          admitted,
          ...many(50 * scale, deduction),
          ...many(50 * scale, (number) => [
            expulsion(number),
            { ...fact('AgencyReadmitted', breach('reentry_early'), number), effectiveAt: at },
          ]).flat(),
        ]);
      },
    },
    {
      name: 'other-events',
      about: 'deductions, and complaints as far as events go',
      make: (scale) =>
        signed([
          admitted,
          ...many(2490 * scale, deduction),
          ...many(17_400 * scale, (number) => complaint(fact, number)),
        ]),
    },
    {
      name: 'rulebooks',
      about: '500 rulebooks, and deductions',
      make: (scale) =>
        signed(
          [admitted, ...many(6900 * scale, deduction)],
          many(500 * scale, (number) => ({
            ...early,
            clauses: [clause],
            effectiveFrom: new Date(Date.parse('2018-07-03') + number * 60_000).toISOString(),
            rulebookVersion: `v${String(number)}`,
          })),
        ),
    },
    {
      name: 'clauses',
      about: 'a rulebook of 1,000 clauses, and deductions for the last',
      make: (scale) =>
        signed(
          [admitted, ...many(6900 * scale, deduction)],
          [
            {
              ...early,
              clauses: [
                ...many(999, (number) => ({
                  ...clause,
                  id: `c${String(number)}`,
                  text: { en: '', zh: '' },
                })),
                clause,
              ],
            },
          ],
        ),
    },
    {
      name: 'appeals',
      about: 'appeals that each name 500 deductions',
      make: (scale) =>
        signed([
          admitted,
          ...many(500 * scale, deduction),
          ...many(1850 * scale, (number) => ({
            ...fact(
              'AppealInitiated',
              {
                ...{ appealId: `q${String(number)}`, kind: 'ordinary', outOfTime: false },
                ...{ evidenceBy: '2019-03-05T02:00:00.000Z' },
                ...{ initiateBy: '2019-03-07T16:00:00.000Z' },
                deductionIds: many(500 * scale, (each) => `w${String(each)}`),
              },
              number,
            ),
            rulebook: knownRulebook(early).reference,
          })),
        ]),
    },
    {
      name: 'complaints',
      about: 'complaints, each merged into the next',
      make: (scale) =>
        signed([
          admitted,
          ...many(9900 * scale, (number) => complaint(fact, number)),
          ...many(9900 * scale - 1, (number) =>
            fact(
              'ComplaintsMerged',
              { from: [`k${String(number)}`], into: `k${String(number + 1)}` },
              number,
            ),
          ),
        ]),
    },
    {
      name: 'heads',
      about: 'streams whose proofs of presence are as long as there may be',
      make: (scale) => {
        const model = history.find(({ type }) => type === 'EvidenceRegistered')!;
        const { personal: _sealed, ...registered } = model;
        return withLongPaths(
          signed([
            admitted,
            ...many(1900 * scale, (number) => ({
              ...registered,
              causation: { ...registered.causation, commandId: `evidence/n${String(number)}` },
              data: { ...registered.data, evidenceId: `n${String(number)}` },
              stream: `evidence-n${String(number)}`,
            })),
          ]),
        );
      },
    },
    {
      name: 'findings',
      about: 'an act with as many findings as there may be values, each of another code',
      make: (scale) =>
        signed([
          admitted,
          deduction(0, {
            findings: many(240_000 * scale, (number) => ({
              code: number === 0 ? 'possible_duplicate' : `f${String(number)}`,
              ...{ detail: '', severity: '' },
            })),
          }),
        ]),
    },
    {
      name: 'words',
      about: 'a finding of 8 million characters, to be printed',
      make: (scale) => {
        const en = 'word '.repeat(1_600_000 * scale);
        const twin = { code: 'possible_duplicate', detail: { en, zh: '' }, severity: 'warning' };
        const second = { ...deduction(1, { findings: [twin] }), occurredAt: at };
        return signed([admitted, deduction(0), second], [early], printed);
      },
    },
    {
      name: 'values',
      about: 'files of a million values each',
      make: (scale) =>
        forged(base.pack, (files) => {
          const zeros = `[${'0,'.repeat(999_998 * scale)}0]`;
          for (const name of ['proofs.json', 'computation.json'])
            files.set(name, Buffer.from(zeros));
          files.set('events.ndjson', Buffer.from(`{"a":${zeros}}\n`));
        }),
    },
    {
      name: 'digits',
      about: 'numbers of 33 million digits',
      make: (scale) =>
        forged(base.pack, (files) => {
          const digits = '9'.repeat(33_000_000 * scale);
          for (const name of ['proofs.json', 'computation.json'])
            files.set(name, Buffer.from(digits));
          files.set('events.ndjson', Buffer.from(`${digits}\n`));
        }),
    },
    {
      name: 'escapes',
      about: 'a text of 16 million escaped characters',
      make: (scale) =>
        forged(base.pack, (files) => {
          const text = JSON.stringify({ a: '\n'.repeat(16_000_000 * scale) });
          for (const name of ['proofs.json', 'computation.json'])
            files.set(name, Buffer.from(text));
          files.set('events.ndjson', Buffer.from(`${text}\n`));
        }),
    },
    {
      name: 'deflated',
      about: 'files of zeros, as large together as a pack may be',
      make: (scale) => {
        const packedOf = (bytes: number): Pick<ZipEntry, 'content' | 'packed'> => {
          const content = new Uint8Array(bytes * scale);
          return { content, packed: deflateRawSync(content, { level: 9 }) };
        };
        return forgedEntries(base.pack, (entry) => {
          if (entry.name.startsWith('statement.')) return { ...entry, ...packedOf(67_108_864) };
          if (/^(?:events|proofs|computation|disclosed)/.test(entry.name))
            return { ...entry, ...packedOf(33_554_432) };
          return entry;
        });
      },
    },
    {
      name: 'entries',
      about: 'as many attachments as there may be entries',
      make: (scale) =>
        forged(base.pack, (files) => {
          const { length } = readZip(base.pack);
          for (const number of many((1000 - length) * scale, (each) => each))
            files.set(`attachments/${String(number).padStart(64, '0')}`, Buffer.from('x'));
        }),
    },
  ];
}

type Paths = ReadonlyMap<string, readonly string[]>;

const emptyPart = '0'.repeat(64);
const hashOf = (prefix: number, ...parts: readonly string[]): string =>
  hash('sha256', Buffer.from(`0${String(prefix)}${parts.join('')}`, 'hex'), 'hex');
const bitOf = (key: string, depth: number): number =>
  (Number.parseInt(key[depth >> 2]!, 16) >> (3 - (depth & 3))) & 1;

interface Entry {
  readonly key: string;
  readonly hash: string;
}

/** A map of heads in which every entry stands at the greatest depth, beside one that is made up. */
function deepMap(entries: readonly Entry[], depth = 0): { hash: string; paths: Paths } {
  const [entry] = entries as [Entry];
  const join = (bit: number, own: string, other: string): string =>
    bit === 0 ? hashOf(4, own, other) : hashOf(4, other, own);
  if (entries.length === 1) {
    const siblings = Array.from({ length: 256 - depth }, (_, at) =>
      at === 0 ? 'f'.repeat(64) : emptyPart,
    );
    const top = siblings.reduce(
      (own, other, at) => join(bitOf(entry.key, 255 - at), own, other),
      entry.hash,
    );
    return { hash: top, paths: new Map([[entry.key, siblings]]) };
  }
  const [left, right] = [0, 1].map((bit) => {
    const half = entries.filter(({ key }) => bitOf(key, depth) === bit);
    return half.length === 0
      ? { hash: emptyPart, paths: new Map<string, readonly string[]>() }
      : deepMap(half, depth + 1);
  }) as [ReturnType<typeof deepMap>, ReturnType<typeof deepMap>];
  const longer = ({ paths }: { paths: Paths }, other: string) =>
    [...paths].map(([key, siblings]) => [key, [...siblings, other]] as const);
  return {
    hash: hashOf(4, left.hash, right.hash),
    paths: new Map([...longer(left, right.hash), ...longer(right, left.hash)]),
  };
}

/** Signs another map of heads, in which every path has 256 hashes. */
function withLongPaths(pack: Uint8Array): Uint8Array {
  return forged(pack, (files) => {
    const lasts = new Map<string, Entry>();
    for (const body of textIn(files, 'events.ndjson').trimEnd().split('\n')) {
      const { stream, revision } = JSON.parse(body) as Event;
      const key = hash('sha256', stream, 'hex');
      const head = hashOf(2, revision.toString(16).padStart(16, '0'), leafHashOf(body));
      lasts.set(stream, { key, hash: hashOf(3, key, head) });
    }
    const { hash: root, paths } = deepMap([...lasts.values()]);
    const proofs = JSON.parse(textIn(files, 'proofs.json')) as {
      heads: readonly { readonly stream: string }[];
    };
    const heads = proofs.heads.map(({ stream }) => ({
      siblings: paths.get(lasts.get(stream)!.key)!,
      stream,
    }));
    files.set('proofs.json', Buffer.from(canonicalJson({ ...proofs, heads })));
    const [text] = textIn(files, 'checkpoint.txt').split('\n\n') as [string];
    const base64 = Buffer.from(root, 'hex').toString('base64');
    const other = `${text.replace(/(?<=^stream-heads \d+ ).*$/m, base64)}\n`;
    const key = testKey('ledger.example/test');
    files.set('checkpoint.txt', Buffer.from(signNote(other, [key])));
  });
}

const commands: Readonly<Record<string, string>> = {
  AgencyAdmitted: 'AdmitAgency',
  AgencyReadmitted: 'RecordReadmission',
  AppealInitiated: 'InitiateAppeal',
  ComplaintFiled: 'FileComplaint',
  ComplaintsMerged: 'MergeComplaints',
  DeductionImposed: 'RecordDeduction',
  ExpulsionExecuted: 'RecordExpulsion',
};

function complaint(
  fact: (type: string, data: Data, number: number) => Event,
  number: number,
): Event {
  const data = { complainantKind: 'merchant', complaintId: `k${String(number)}` };
  const filed = fact('ComplaintFiled', data, number);
  return { ...filed, occurredAt: filed.recordedAt };
}
