import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { canonicalJson } from '@penalty-ledger/ledger';
import { parsedForm, readForm } from './event-form.js';

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

it('is never quicker than right: what is altered anywhere is read as by parsing, and only if it is still canonical', () => {
  const spoilers = ['', ' ', '"', '0', 'A', 'z', ',', '{', '\\', '\u0001', '达', '\ud800'];
  const wrong: string[] = [];
  for (const body of bodies.slice(0, 3)) {
    for (let at = 0; at < body.length; at += 1) {
      for (const spoiler of spoilers) {
        const altered = body.slice(0, at) + spoiler + body.slice(at + 1);
        const read = readForm(altered);
        const isRight = 'problem' in read || canonicalJson(JSON.parse(altered)) === altered;
        if (!isRight || !isDeepStrictEqual(read, parsedForm(altered))) wrong.push(altered);
      }
    }
  }
  expect(wrong).toEqual([]);
});
