import { readEnvelope } from '@penalty-ledger/ledger';
import { sample } from 'fast-check';
import {
  alteredBody,
  alteredStream,
  anyEvent,
  anyStream,
  bodyOf,
  storedAs,
} from '../support/any-event.js';
import { problemOfStream } from '../support/stream-problem.js';

const drawn = { seed: 20190307, numRuns: 200 };

it('every event drawn is an event of format 1, and every stream is a chain', () => {
  for (const event of sample(anyEvent, drawn)) expect(readEnvelope(bodyOf(event))).toEqual(event);
  for (const { ledgerId, stream, events } of sample(anyStream, drawn)) {
    const records = events.map((event) => storedAs(bodyOf(event)));
    expect(problemOfStream(ledgerId, stream, records)).toBeUndefined();
  }
});

it('what is altered fails every step of the rule, or none', () => {
  const bodies = sample(alteredBody, drawn).map((body) => {
    const event = readEnvelope(body);
    return 'problem' in event ? event.problem : undefined;
  });
  expect(new Set(bodies)).toEqual(new Set(['bytes', 'envelope', undefined]));
  const streams = sample(alteredStream, drawn).map(
    ({ ledgerId, stream, records }) => problemOfStream(ledgerId, stream, records)?.problem,
  );
  expect(new Set(streams)).toEqual(
    new Set([
      ...(['leaf_hash', 'envelope', 'stream', 'revision', 'previous'] as const),
      ...(['recordedAt', 'id', undefined] as const),
    ]),
  );
});
