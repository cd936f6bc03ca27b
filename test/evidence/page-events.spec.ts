import { join } from 'node:path';
import { chainDefect, readEnvelope, type EventEnvelope } from '@penalty-ledger/ledger';
import { assert, asyncProperty, oneof } from 'fast-check';
import { alteredBody, alteredStream, anyEvent, bodyOf } from '../support/any-event.js';
import { rounds } from '../support/rounds.js';

interface Packed {
  readonly event: EventEnvelope;
  readonly leafHash: string;
}

/** The chapter of the page's verifier that reads events; it shares no code with the rule. */
interface Chapter {
  readonly readEvents: (bytes: Uint8Array) => Promise<readonly Packed[]>;
  readonly checkChain: (
    chain: readonly Packed[],
    stream: string,
    ledgerId: string,
  ) => Promise<void>;
}

const page = join(__dirname, '..', '..', 'libs', 'evidence', 'page');
let chapter: Chapter;

beforeAll(async () => {
  chapter = (await import(join(page, 'verify', 'events.js'))) as Chapter;
});

/** The problem that the page names, or `undefined`. */
async function problemOf(check: Promise<unknown>): Promise<string | undefined> {
  try {
    await check;
    return undefined;
  } catch (error) {
    const { problem } = error as { readonly problem?: string };
    if (problem === undefined) throw error;
    return problem;
  }
}

test('the page accepts the bytes of an event that the rule accepts, and no others', async () => {
  await assert(
    asyncProperty(oneof(anyEvent.map(bodyOf), alteredBody), async (body) => {
      // A lone surrogate has no bytes of its own.
      if (!body.isWellFormed()) return;
      const event = readEnvelope(body);
      const expected = 'problem' in event ? `event_${event.problem}` : undefined;
      expect(await problemOf(chapter.readEvents(Buffer.from(`${body}\n`)))).toBe(expected);
    }),
    { numRuns: 300 * rounds },
  );
});

test('the page refuses the chains that the rule refuses, at the same step', async () => {
  await assert(
    asyncProperty(alteredStream, async ({ ledgerId, stream, records }) => {
      const chain = records.map(({ body, leafHash }) => ({
        event: JSON.parse(body) as EventEnvelope,
        leafHash,
      }));
      const expected = chainDefect(chain, stream, ledgerId)?.defect.problem;
      // The page sorts events by stream first.
      if (expected === 'stream') return;
      expect(await problemOf(chapter.checkChain(chain, stream, ledgerId))).toBe(expected);
    }),
    { numRuns: 150 * rounds },
  );
});
