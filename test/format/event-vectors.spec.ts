import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  rulebooks,
  abcPoints,
  aliMcn20180703,
  aliMcn20190307,
  canonicalJson,
  derivedKeysOf,
  douyinGuildHealth2022,
  douyinMcnCredit2022,
  eventIdOf,
  eventVersions,
  fingerprintOf,
  leafHashOf,
  legalPersonOf,
  openPersonalData,
  openText,
  parseCanonical,
  readEvent,
  calendarHash,
  chinaCalendar,
  rulebookHash,
  RulebookSchema,
  sealPersonalData,
  shape,
  type Calendar,
  type LedgerEvent,
  textKeyOf,
  type PersonalData,
  type SealedText,
  type Rulebook,
} from '@penalty-ledger/ledger';
import { problemOfStream, type Problem, type VectorRecord } from '../support/stream-problem.js';
import { documentedTypes } from './event-types.js';
import { expectSecondReaderToAgree } from '../support/second-reader.js';

const root = join(__dirname, '../..');
const text = (path: string): string => readFileSync(join(root, path), 'utf8');
const vectors = (name: string): unknown => JSON.parse(text(`test/vectors/event/${name}`));

interface Sealed {
  readonly name: string;
  readonly key: string;
  readonly subject: string;
  readonly eventId: string;
  readonly plaintext: PersonalData;
  readonly personal: readonly SealedText[];
  readonly textKeys: Readonly<Record<string, string>>;
}

interface Refused {
  readonly name: string;
  readonly textKey: string;
  readonly eventId: string;
  readonly sealed: SealedText;
}

interface VectorStream {
  readonly ledgerId: string;
  readonly stream: string;
  readonly keys: Readonly<Record<string, string>>;
  readonly commands: readonly {
    readonly command: string;
    readonly data: unknown;
    readonly commandId: string;
    readonly fingerprint: string;
    readonly revisions: readonly number[];
  }[];
  readonly records: readonly VectorRecord[];
  readonly opened: readonly { readonly revision: number; readonly plaintext: PersonalData }[];
}

const hexBytes = (hex: string): Buffer => Buffer.from(hex, 'hex');

describe('the library agrees with the vectors of event format v1:', () => {
  const canonical = vectors('canonical-json.json') as {
    readonly write: readonly {
      readonly name: string;
      readonly json: string;
      readonly canonical?: string;
    }[];
    readonly read: readonly {
      readonly name: string;
      readonly text: string;
      readonly canonical: boolean;
    }[];
  };

  it.each(canonical.write)('canonical JSON is written: $name', ({ json, canonical: expected }) => {
    const value: unknown = JSON.parse(json);
    if (expected === undefined) expect(() => canonicalJson(value)).toThrow(TypeError);
    else expect(canonicalJson(value)).toBe(expected);
  });

  it.each(canonical.read)(
    'canonical JSON is recognised: $name',
    ({ text: given, canonical: expected }) => {
      expect(parseCanonical(given) !== undefined).toBe(expected);
    },
  );

  it('instants', () => {
    const { instants } = vectors('instant.json') as {
      instants: { text: string; valid: boolean }[];
    };
    expect(instants.filter(({ text: given, valid }) => shape.isInstant(given) !== valid)).toEqual(
      [],
    );
  });

  it('leaf hashes', () => {
    const { leaves } = vectors('leaf-hash.json') as {
      leaves: { text: string; leafHash: string }[];
    };
    expect(leaves.map((leaf) => ({ ...leaf, leafHash: leafHashOf(leaf.text) }))).toEqual(leaves);
  });

  it('event ids', () => {
    const { ids } = vectors('event-id.json') as {
      ids: {
        ledgerId: string;
        stream: string;
        command: string;
        commandId: string;
        index: number;
        id: string;
      }[];
    };
    expect(
      ids.map((vector) => ({
        ...vector,
        id: eventIdOf(vector.ledgerId, vector.stream, vector, vector.index),
      })),
    ).toEqual(ids);
  });

  it('fingerprints', () => {
    const { fingerprints } = vectors('fingerprint.json') as {
      fingerprints: { command: string; data: unknown; key: string | null; fingerprint: string }[];
    };
    for (const { command, data, key, fingerprint } of fingerprints) {
      expect(fingerprintOf(command, data, key === null ? undefined : hexBytes(key))).toBe(
        fingerprint,
      );
    }
  });

  it('the keys that a subject’s key is used through', () => {
    const { keys } = vectors('derived-keys.json') as {
      keys: { key: string; texts: string; fingerprint: string }[];
    };
    const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
    for (const { key, ...derived } of keys) {
      const { texts, fingerprint } = derivedKeysOf(hexBytes(key));
      expect({ texts: hex(texts), fingerprint: hex(fingerprint) }).toEqual(derived);
    }
  });

  it('legal persons', () => {
    const { persons } = vectors('legal-person.json') as {
      persons: { key: string; legalPersonId: string; legalPerson: string }[];
    };
    for (const { key, legalPersonId, legalPerson } of persons)
      expect(legalPersonOf(legalPersonId, hexBytes(key))).toBe(legalPerson);
  });

  const personal = vectors('personal-data.json') as {
    readonly sealed: readonly Sealed[];
    readonly refused: readonly Refused[];
  };

  it.each(personal.sealed)('personal data are sealed and opened: $name', (vector) => {
    const { subject, eventId, plaintext, personal: sealed, textKeys } = vector;
    const key = hexBytes(vector.key);
    expect(sealPersonalData(plaintext, subject, eventId, key)).toEqual(sealed);
    expect(openPersonalData(sealed, eventId, key)).toEqual(plaintext);
    for (const text of sealed) {
      expect(textKeyOf(text.text, eventId, key)).toBe(textKeys[text.text]);
      expect(openText(text, eventId, textKeys[text.text]!)).toEqual(expect.any(String));
    }
  });

  it.each(personal.refused)('a text is not opened: $name', ({ textKey, eventId, sealed }) => {
    expect(() => openText(sealed, eventId, textKey)).toThrow();
  });

  it('the rulebooks it ships', () => {
    const { rulebooks } = vectors('rulebook-hash.json') as {
      rulebooks: { sha256: string; document: Rulebook }[];
    };
    expect(rulebooks.map(({ document }) => document)).toEqual([
      aliMcn20180703,
      aliMcn20190307,
      abcPoints,
      douyinGuildHealth2022,
      douyinMcnCredit2022,
    ]);
    for (const { sha256, document } of rulebooks) expect(rulebookHash(document)).toBe(sha256);
  });

  it('the calendar it ships', () => {
    const { calendars } = vectors('calendar-hash.json') as {
      calendars: { sha256: string; document: Calendar }[];
    };
    expect(calendars).toEqual([{ sha256: calendarHash(chinaCalendar), document: chinaCalendar }]);
    expect(text('docs/spec/calendar.md')).toContain(calendarHash(chinaCalendar));
  });

  describe.each(['example.json', 'stream.json'])('%s', (name) => {
    const { ledgerId, stream, keys, commands, records, opened } = vectors(name) as VectorStream;
    const events = records.map((record) => readEvent(record));

    it('is a whole stream', () => {
      expect(problemOfStream(ledgerId, stream, records)).toBeUndefined();
    });

    it('names for each event the command it came from', () => {
      expect(commands.flatMap(({ revisions }) => revisions)).toEqual(
        events.map(({ revision }) => revision),
      );
      for (const { command, commandId, data, fingerprint, revisions } of commands) {
        const [key = ''] = Object.values(keys);
        expect(
          fingerprintOf(command, data, command === 'ClockPassed' ? undefined : hexBytes(key)),
        ).toBe(fingerprint);
        for (const revision of revisions)
          expect(events[revision]?.causation).toEqual({ command, commandId, fingerprint });
      }
    });

    it('opens with its key', () => {
      expect(
        events.flatMap(({ id, revision, personal: sealed = [] }) =>
          sealed.length === 0
            ? []
            : [
                {
                  revision,
                  plaintext: openPersonalData(sealed, id, hexBytes(keys[sealed[0]!.subject]!)),
                },
              ],
        ),
      ).toEqual(opened);
    });
  });

  it('a ledger begins with its settings and its shipped rulebooks, in two streams', () => {
    const { ledgerId, streams } = vectors('opening.json') as {
      readonly ledgerId: string;
      readonly streams: readonly {
        readonly stream: string;
        readonly records: readonly VectorRecord[];
      }[];
    };
    expect(
      streams.map(({ stream, records }) => problemOfStream(ledgerId, stream, records)),
    ).toEqual([undefined, undefined]);
    const [[opened], shipped] = streams.map(({ records }) =>
      records.map((record) => readEvent(record)),
    ) as [LedgerEvent[], LedgerEvent[]];
    expect(opened).toMatchObject({ type: 'LedgerOpened', data: { ledgerId } });
    expect(shipped.map(({ type, data }) => ({ type, data }))).toEqual(
      rulebooks.shippedRulebooks().map(({ type, data }) => ({ type, data })),
    );
  });

  const broken = vectors('broken-streams.json') as {
    readonly ledgerId: string;
    readonly stream: string;
    readonly variants: readonly {
      readonly name: string;
      readonly problem: Problem | null;
      readonly at: number | null;
      readonly keep: number;
      readonly then: readonly VectorRecord[];
    }[];
  };
  const complete = (vectors('stream.json') as VectorStream).records;

  it.each(broken.variants)(
    'a broken stream is refused where it breaks: $name',
    ({ problem, at, keep, then }) => {
      expect(
        problemOfStream(broken.ledgerId, broken.stream, [...complete.slice(0, keep), ...then]),
      ).toEqual(problem === null ? undefined : { at, problem });
    },
  );
});

describe('a second reader, in another language and from the specification alone,', () => {
  it('agrees with the vectors', () => {
    expectSecondReaderToAgree('second_reader.py');
  });
});

describe('the specification', () => {
  const eventSpec = text('docs/spec/event.md');
  const rulebookSpec = text('docs/spec/rulebook.md');

  it('begins with the bytes and hashes of the example stream', () => {
    const { records } = vectors('example.json') as VectorStream;
    for (const { leafHash } of records) expect(eventSpec).toContain(leafHash);
    expect(eventSpec).toContain(`\n${records[1]?.body ?? ''}\n`);
  });

  it('names every event type with its schema version, and no other', () => {
    const versions = [...documentedTypes()].map(([type, { schemaVersion }]) => [
      type,
      schemaVersion,
    ]);
    expect(Object.fromEntries(versions)).toEqual(eventVersions);
  });

  it('names every parameter of a rulebook, and the hash of every shipped one', () => {
    for (const parameter of Object.keys(RulebookSchema.properties.parameters.properties)) {
      expect(rulebookSpec).toContain(`| \`${parameter}\` |`);
    }
    for (const { sha256 } of (vectors('rulebook-hash.json') as { rulebooks: { sha256: string }[] })
      .rulebooks) {
      expect(rulebookSpec).toContain(sha256);
    }
  });
});
