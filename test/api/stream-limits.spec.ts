import { setTimeout as pause } from 'node:timers/promises';
import { testService } from './service.js';

/** Streams that one key may have open, as docs/http-api.md says. */
const maxStreamsPerKey = 10;

const held = testService();

/** An open stream of events, or the refusal of one. */
async function open(token: string, signal: AbortSignal): Promise<Response> {
  return fetch(`${held.current.serving.url}/events/stream`, {
    headers: { authorization: `Bearer ${token}` },
    signal,
  });
}

it('one key opens so many streams and no more, and takes none of another key’s', async () => {
  const { tokens } = held.current;
  const [staff, auditor] = [tokens['staff']!, tokens['auditor']!];
  const [first, others] = [new AbortController(), new AbortController()];
  try {
    expect((await open(staff, first.signal)).status).toBe(200);
    for (let n = 1; n < maxStreamsPerKey; n += 1)
      expect((await open(staff, others.signal)).status).toBe(200);
    const refused = await open(staff, others.signal);
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('10');
    expect(await refused.json()).toMatchObject({
      code: 'too_many_requests',
      detail: `${maxStreamsPerKey} streams are open with this key; close one first`,
    });
    expect((await open(auditor, others.signal)).status).toBe(200);
    first.abort();
    let again = 429;
    for (let tries = 0; again === 429 && tries < 100; tries += 1) {
      await pause(50);
      again = (await open(staff, others.signal)).status;
    }
    expect(again).toBe(200);
  } finally {
    first.abort();
    others.abort();
  }
});
