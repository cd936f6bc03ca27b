import { randomUUID } from 'node:crypto';
import type { OnCommitted } from '@penalty-ledger/event-store';
import type { EventStoreDb, EngineTimings } from '@penalty-ledger/event-store/eventstoredb';
import { openEventStoreDb } from '@penalty-ledger/event-store/eventstoredb';
import type { StoreUnderTest } from '@penalty-ledger/event-store/contract';
import { instantOf } from '@penalty-ledger/ledger';
import {
  changeEvent,
  removeEvent,
  WireServer,
  type WireServerOptions,
} from '../support/eventstoredb/index.js';

/** Fast enough for a test that waits for a deadline, and slow enough for a machine that is busy. */
export const quick: EngineTimings = {
  deadlineMs: 2_000,
  patienceMs: 6_000,
  firstBackoffMs: 5,
  maxBackoffMs: 50,
  probeMs: 300,
};

export const now = () => instantOf(Date.parse('2025-03-01T09:00:00.000Z'));

/** The schemes of a store URL, one for each client. */
export const schemes = ['esdb', 'kurrentdb'] as const;

export type Scheme = (typeof schemes)[number];

/** A store on the server, under a ledger's name. */
export function openOn(
  server: { readonly url: string },
  options: {
    access?: 'write' | 'read';
    ledger?: string;
    scheme?: Scheme;
    timings?: Partial<EngineTimings>;
    onCommitted?: OnCommitted;
  } = {},
): EventStoreDb {
  const { access = 'write', ledger = 'main', scheme, timings, onCommitted } = options;
  const address = scheme === undefined ? server.url : server.url.replace(/^esdb/, scheme);
  return openEventStoreDb(`${address}${address.includes('?') ? '&' : '?'}ledger=${ledger}`, {
    access,
    now,
    insecure: true,
    timings: { ...quick, ...timings },
    environment: process.env,
    onCommitted,
  });
}

/** An empty store on a wire server of its own. */
export async function onWire(scheme: Scheme, options?: WireServerOptions): Promise<StoreUnderTest> {
  const server = await WireServer.start(options);
  const store = openOn(server, { scheme });
  return {
    store,
    openReader: async () => openOn(server, { access: 'read', scheme }),
    damage: (stream, revision, kind) => {
      const place = [server.log, `main/${stream}`, BigInt(revision)] as const;
      if (kind === 'missing') removeEvent(...place);
      else changeEvent(...place, { data: Buffer.alloc(200, 0xff) });
    },
    release: async () => {
      await store.close();
      await server.stop();
    },
  };
}

/**
 * An empty ledger on a real engine. Its streams stay there: a ledger is never deleted, also not by
 * a test.
 */
export async function onEngine(scheme: Scheme, url: string): Promise<StoreUnderTest> {
  const ledger = `t${randomUUID().replaceAll('-', '')}`;
  const timings = { deadlineMs: 10_000, patienceMs: 30_000 };
  const store = openOn({ url }, { ledger, scheme, timings });
  return {
    store,
    openReader: async () =>
      openOn({ url }, { ledger, scheme, access: 'read', timings: { deadlineMs: 10_000 } }),
    release: () => store.close(),
  };
}
