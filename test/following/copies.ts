import {
  followLedger,
  readStatus,
  SourceConnection,
  statusFileOf,
  type FollowStatus,
} from '@penalty-ledger/application/following';
import type { FilesElsewhere } from '@penalty-ledger/application';
import { openSqliteEventStore } from '@penalty-ledger/event-store';
import { existsSync } from 'node:fs';
import type { TestService } from '../api/service.js';

/** The options of a test that follows, beside the source and the copy. */
export interface Followed {
  readonly token?: string;
  readonly key?: string;
  readonly name?: string;
  readonly withKeys?: boolean;
  readonly ca?: string;
  readonly elsewhere?: FilesElsewhere;
}

const keysOf = (key: string | undefined) => (key === undefined ? undefined : [key]);

/** Copies everything that a service has. */
export async function followOnce(
  url: string,
  to: string,
  { token, key, name = 'copy', withKeys = false, ca, elsewhere = {} }: Followed,
): Promise<FollowStatus> {
  const source = new SourceConnection({ url, token, ca });
  try {
    const { signal } = new AbortController();
    return await followLedger({
      source,
      to,
      keys: keysOf(key),
      name,
      withKeys,
      elsewhere,
      once: true,
      signal,
    });
  } finally {
    source.close();
  }
}

/** A copy that follows until it is stopped. */
export function following(
  url: string,
  to: string,
  { token, key, name = 'copy' }: Followed,
): { readonly states: string[]; stop(): Promise<FollowStatus> } {
  const source = new SourceConnection({ url, token });
  const ended = new AbortController();
  const states: string[] = [];
  const run = followLedger({
    source,
    to,
    keys: keysOf(key),
    name,
    once: false,
    signal: ended.signal,
    onChange: ({ state }) => states.push(state),
  }).finally(() => source.close());
  run.catch(() => undefined);
  return {
    states,
    stop: () => {
      ended.abort();
      return run;
    },
  };
}

/** The bytes of every event in a file, in order. */
export async function bodiesIn(file: string): Promise<string[]> {
  const store = openSqliteEventStore(file, { access: 'read' });
  const bodies: string[] = [];
  try {
    for await (const batch of store.readAll()) bodies.push(...batch.map(({ body }) => body));
  } finally {
    await store.close();
  }
  return bodies;
}

/** The number of events in a file; 0 while there is none. */
export async function countIn(file: string): Promise<number> {
  return existsSync(file) ? (await bodiesIn(file).catch(() => [])).length : 0;
}

/** The status that a following process noted. */
export function statusOf(file: string): FollowStatus | undefined {
  return readStatus(statusFileOf(file));
}

/** Records agencies by these ids. */
export function admit(service: TestService, ...ids: readonly string[]): Promise<void> {
  return service.given(
    ...ids.map((agencyId) => ['AdmitAgency', { agencyId, name: `机构 ${agencyId}` }] as const),
  );
}

/** Waits until something holds, for thirty seconds at the latest. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 30_000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error('it does not come to hold');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
