import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  canonicalJson,
  eventVersions,
  fingerprintOf,
  knownRulebook,
  leafHashOf,
  openPersonalData,
  readEvent,
  rulebookHash,
  RulebookSchema,
  sealPersonalData,
  uuidOf,
  type PersonalData,
  type Rulebook,
} from '@penalty-ledger/ledger';
import { isCanonical, isStoredInstant, problemOfStream, type Problem, type VectorRecord } from './check-stream.js';

const root = join(__dirname, '../..');
const text = (path: string): string => readFileSync(join(root, path), 'utf8');
const vectors = <Content>(name: string): Content => JSON.parse(text(`test/vectors/event/${name}`)) as Content;

interface Box {
  readonly name: string;
  readonly key: string;
  readonly subject: string;
  readonly eventId: string;
  readonly nonce: string;
  readonly box: string;
}

interface VectorStream {
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
  const canonical = vectors<{
    readonly write: readonly { readonly name: string; readonly json: string; readonly canonical?: string }[];
    readonly read: readonly { readonly name: string; readonly text: string; readonly canonical: boolean }[];
  }>('canonical-json.json');

  it.each(canonical.write)('canonical JSON is written: $name', ({ json, canonical: expected }) => {
    const value: unknown = JSON.parse(json);
    if (expected === undefined) expect(() => canonicalJson(value)).toThrow(TypeError);
    else expect(canonicalJson(value)).toBe(expected);
  });

  it.each(canonical.read)('canonical JSON is recognised: $name', ({ text: given, canonical: expected }) => {
    expect(isCanonical(given)).toBe(expected);
  });

  it('instants', () => {
    const { instants } = vectors<{ instants: { text: string; valid: boolean }[] }>('instant.json');
    expect(instants.filter((vector) => isStoredInstant(vector.text) !== vector.valid)).toEqual([]);
  });

  it('leaf hashes', () => {
    const { leaves } = vectors<{ leaves: VectorLeaf[] }>('leaf-hash.json');
    expect(leaves.map((leaf) => ({ ...leaf, leafHash: leafHashOf(leaf.text) }))).toEqual(leaves);
  });

  it('event ids', () => {
    const { ids } = vectors<{ ids: { command: string; commandId: string; index: number; id: string }[] }>(
      'event-id.json',
    );
    expect(
      ids.map((vector) => ({ ...vector, id: uuidOf(`${vector.command}/${vector.commandId}#${vector.index}`) })),
    ).toEqual(ids);
  });

  it('fingerprints', () => {
    const { fingerprints } = vectors<{
      fingerprints: { command: string; data: unknown; key: string | null; fingerprint: string }[];
    }>('fingerprint.json');
    for (const { command, data, key, fingerprint } of fingerprints) {
      expect(fingerprintOf(command, data, key === null ? undefined : hexBytes(key))).toBe(fingerprint);
    }
  });

  const personal = vectors<{
    readonly boxes: readonly (Box & { readonly plaintext: PersonalData })[];
    readonly refused: readonly Box[];
  }>('personal-data.json');

  it.each(personal.boxes)('personal data are sealed and opened: $name', (vector) => {
    const { key, subject, eventId, plaintext, nonce, box } = vector;
    expect(sealPersonalData(plaintext, subject, eventId, hexBytes(key))).toEqual({ box, nonce, subject });
    expect(openPersonalData({ box, nonce, subject }, eventId, hexBytes(key))).toEqual(plaintext);
  });

  it.each(personal.refused)('personal data are not opened: $name', ({ key, eventId, ...sealed }) => {
    expect(() => openPersonalData(sealed, eventId, hexBytes(key))).toThrow();
  });

  it('the rulebooks it ships', () => {
    const { rulebooks } = vectors<{ rulebooks: { sha256: string; document: Rulebook }[] }>('rulebook-hash.json');
    for (const { sha256, document } of rulebooks) {
      expect(rulebookHash(document)).toBe(sha256);
      expect(shippedRulebooks).toContain(sha256);
    }
  });

  describe.each(['example.json', 'stream.json'])('%s', (name) => {
    const { stream, keys, commands, records, opened } = vectors<VectorStream>(name);
    const events = records.map((record) => readEvent(record));

    it('is a whole stream', () => {
      expect(problemOfStream(stream, records)).toBeUndefined();
    });

    it('names for each event the command it came from', () => {
      expect(commands.flatMap(({ revisions }) => revisions)).toEqual(events.map(({ revision }) => revision));
      for (const { command, commandId, data, fingerprint, revisions } of commands) {
        const [key = ''] = Object.values(keys);
        expect(fingerprintOf(command, data, command === 'ClockPassed' ? undefined : hexBytes(key))).toBe(fingerprint);
        for (const revision of revisions)
          expect(events[revision]?.causation).toEqual({ command, commandId, fingerprint });
      }
    });

    it('opens with its key', () => {
      expect(
        events.flatMap((event) =>
          event.personal === undefined
            ? []
            : [
                {
                  revision: event.revision,
                  plaintext: openPersonalData(event.personal, event.id, hexBytes(keys[event.personal.subject]!)),
                },
              ],
        ),
      ).toEqual(opened);
    });
  });

  const broken = vectors<{
    readonly stream: string;
    readonly variants: readonly {
      readonly name: string;
      readonly problem: Problem | null;
      readonly at: number | null;
      readonly keep: number;
      readonly then: readonly VectorRecord[];
    }[];
  }>('broken-streams.json');
  const whole = vectors<VectorStream>('stream.json').records;

  it.each(broken.variants)('a broken stream is refused where it breaks: $name', ({ problem, at, keep, then }) => {
    expect(problemOfStream(broken.stream, [...whole.slice(0, keep), ...then])).toEqual(
      problem === null ? undefined : { at, problem },
    );
  });
});

describe('a second reader, in another language and from the specification alone,', () => {
  it('agrees with the vectors', () => {
    const { error, status, stdout, stderr } = spawnSync('python3', [join(__dirname, 'second_reader.py')], {
      encoding: 'utf8',
    });
    if (error !== undefined) {
      console.log('SKIPPED: test/format/second_reader.py did not run, because there is no python3 on this machine');
      return;
    }
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: expect.stringContaining(' 0 failed'), stderr: '' });
  });
});

describe('the specification', () => {
  const eventSpec = text('docs/spec/event.md');
  const rulebookSpec = text('docs/spec/rulebook.md');

  it('begins with the bytes and hashes of the example stream', () => {
    const { records } = vectors<VectorStream>('example.json');
    for (const { leafHash } of records) expect(eventSpec).toContain(leafHash);
    expect(eventSpec).toContain(`\n${records[1]?.body ?? ''}\n`);
  });

  it('names every event type with its schema version, and no other', () => {
    const versions = eventTable().map(({ type, schemaVersion }) => [type, schemaVersion]);
    expect(Object.fromEntries(versions)).toEqual(eventVersions);
    expect(versions).toHaveLength(Object.keys(eventVersions).length);
  });

  it('names every member that the vectors have in their data', () => {
    const table = new Map(eventTable().map(({ type, data }) => [type, data]));
    for (const name of ['example.json', 'stream.json']) {
      for (const record of vectors<VectorStream>(name).records) {
        const { type, data } = readEvent(record);
        expect(table.get(type)).toEqual(expect.arrayContaining(Object.keys(data as object)));
      }
    }
  });

  it('names every parameter of a rulebook, and the hash of every shipped one', () => {
    for (const parameter of Object.keys(RulebookSchema.properties.parameters.properties)) {
      expect(rulebookSpec).toContain(`| \`${parameter}\` |`);
    }
    for (const { sha256 } of vectors<{ rulebooks: { sha256: string }[] }>('rulebook-hash.json').rulebooks) {
      expect(rulebookSpec).toContain(sha256);
    }
  });

  /** The rows of the tables that begin with the name of an event type: | `Type` | schemaVersion | members of data | … |. */
  function eventTable(): { type: string; schemaVersion: number; data: string[] }[] {
    return [...eventSpec.matchAll(/^\| `([A-Z][A-Za-z]+)` \| (\d+) \| ([^|]*)\|/gm)].map(
      ([, type = '', schemaVersion, data = '']) => ({
        type,
        schemaVersion: Number(schemaVersion),
        data: [...data.matchAll(/`([A-Za-z0-9]+)\??`/g)].map(([, member = '']) => member),
      }),
    );
  }
});
