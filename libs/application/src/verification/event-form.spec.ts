import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { canonicalJson, readEnvelope } from '@penalty-ledger/ledger';
import { assert, property } from 'fast-check';
import { alteredBody, anyEvent, bodyOf } from '../../../../test/support/any-event.js';
import { rounds } from '../../../../test/support/rounds.js';
import { readForm, scannedForm } from './event-form.js';

interface Vectors {
  readonly records: readonly { readonly body: string }[];
}
interface BrokenVectors {
  readonly variants: readonly {
    readonly name: string;
    readonly problem: string | null;
    readonly at: number | null;
    readonly keep: number;
    readonly then: readonly { readonly body: string }[];
  }[];
}

function vectors(name: string): unknown {
  return JSON.parse(readFileSync(join(__dirname, '../../../../test/vectors/event', name), 'utf8'));
}

const bodies = (vectors('stream.json') as Vectors).records.map(({ body }) => body);

it('reads every event of the format’s vectors', () => {
  expect(bodies.length).toBeGreaterThan(5);
  for (const [revision, body] of bodies.entries())
    expect(readForm(body)).toMatchObject({ revision, stream: 'agency-a1' });
});

const broken = (vectors('broken-streams.json') as BrokenVectors).variants.filter(
  ({ problem }) => problem === 'bytes' || problem === 'envelope',
);

it.each(broken)('refuses $name', ({ at, keep, then }) => {
  const record = then[(at ?? 0) - keep];
  expect(readForm(record?.body ?? '')).toHaveProperty('problem');
});

/** Reads a body by the rule, and returns the members that a form holds. */
function formByRule(body: string): unknown {
  const event = readEnvelope(body);
  if ('problem' in event) return event;
  const { actor, causation, id, previous, recordedAt, revision, stream, type } = event;
  const rulebook = event.rulebook === undefined ? undefined : canonicalJson(event.rulebook);
  return { actor, causation, id, previous, recordedAt, revision, rulebook, stream, type };
}

it('scans every event of the vectors', () => {
  for (const body of bodies) expect(scannedForm(body)).toEqual(formByRule(body));
});

it('sees in any event what the rule sees', () => {
  let scanned = 0;
  assert(
    property(anyEvent, (event) => {
      const body = bodyOf(event);
      const form = formByRule(body);
      expect(form).not.toHaveProperty('problem');
      expect(readForm(body)).toEqual(form);
      if (scannedForm(body) !== undefined) scanned += 1;
    }),
    { numRuns: 300 * rounds },
  );
  expect(scanned).toBeGreaterThan(0);
});

it('refuses what the rule refuses, for the same step, whatever was altered', () => {
  assert(
    property(alteredBody, (body) => {
      expect(readForm(body)).toEqual(formByRule(body));
    }),
    { numRuns: 600 * rounds },
  );
});

it('scans nothing that the rule reads otherwise, whichever character was altered', () => {
  const spoilers = ['', ' ', '"', '0', 'A', 'z', ',', '{', '\\', '\u0001', '达', '\ud800'];
  const wrong: string[] = [];
  for (const body of bodies.slice(0, 3)) {
    for (let at = 0; at < body.length; at += 1) {
      for (const spoiler of spoilers) {
        const altered = body.slice(0, at) + spoiler + body.slice(at + 1);
        const seen = scannedForm(altered);
        if (seen !== undefined && !isDeepStrictEqual(seen, formByRule(altered)))
          wrong.push(altered);
      }
    }
  }
  expect(wrong).toEqual([]);
});
