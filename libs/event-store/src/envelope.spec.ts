import { canonicalJson, noPreviousEvent } from '@penalty-ledger/ledger';
import fc from 'fast-check';
import { sampleEvents } from './contract/index.js';
import { envelopeOf } from './envelope.js';

const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.constant(sampleEvents('quoted', 1)[0]!.body),
  fc.constant(sampleEvents('quoted', 1)[0]!.body.replace('{', ',')),
  fc.constant(
    ',"format":1,"id":"x","previous":"y","recordedAt":"","revision":9,"schemaVersion":1,"stream":"s","type":"t"}',
  ),
);

const member = fc.letrec((tie) => ({
  value: fc.oneof({ depthSize: 'small' }, text, fc.integer(), tie('array'), tie('envelope')),
  array: fc.array(tie('value'), { maxLength: 3 }),
  // An event inside an event.
  envelope: fc.record({
    format: fc.constant(1),
    id: text,
    previous: text,
    recordedAt: text,
    revision: fc.nat(),
    schemaVersion: fc.nat(),
    stream: text,
    type: text,
  }),
})).value;

const event = fc.record(
  {
    actor: text,
    data: member,
    format: fc.constantFrom<unknown>(1, 2),
    id: text,
    notifiedAt: text,
    occurredAt: member,
    personal: fc.oneof(
      member,
      fc.array(fc.record({ box: text, subject: text, text }), { maxLength: 3 }),
    ),
    previous: fc.oneof(text, fc.constant(noPreviousEvent)),
    recordedAt: text,
    revision: fc.nat(),
    rulebook: fc.oneof(member, fc.record({ id: text, rulebookVersion: text, sha256: text })),
    schemaVersion: fc.nat(),
    stream: text,
    type: text,
    unknown: member,
    zone: member,
  },
  { requiredKeys: ['id', 'previous', 'revision', 'stream', 'type'] },
);

describe('the envelope of an event', () => {
  it('is what a full parse finds, whatever the event holds', () => {
    fc.assert(
      fc.property(event, ({ id, previous, revision, stream, type, ...rest }) => {
        const body = canonicalJson({ id, previous, revision, stream, type, ...rest });
        expect(envelopeOf(body)).toEqual({ id, previous, revision, stream, type });
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    '',
    '[]',
    'null',
    '{}',
    '{"id":1}',
    'text',
    '{"id":"a","previous":"b","revision":1.5,"stream":"c"}',
  ])('is not found in %s', (body) => {
    expect(envelopeOf(body)).toBeUndefined();
  });
});
