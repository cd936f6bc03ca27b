import { resolve } from 'node:path';

/** Where a ledger's parts lie. Keys are apart from the events, so that destroying a key is possible; read models can be rebuilt. */
export interface LedgerLocation {
  /** As given, without secrets: for messages. */
  readonly url: string;
  readonly events: string;
  readonly keys: string;
  readonly readModels: string;
  /** The Merkle log: tree, stream heads and signed checkpoints. Only the checkpoints cannot be made again. */
  readonly log: string;
  /** API keys, webhooks and the end of the access log: what the HTTP service keeps for itself. */
  readonly access: string;
  /** Who read or exported what. */
  readonly accessLog: string;
}

export const defaultStoreUrl = 'sqlite:./data/ledger.db';

/** A store URL that cannot be used. */
export class StoreUrlError extends Error {
  readonly code = 'store_url';
}

/**
 * Reads a store URL (interchange §1): `sqlite:PATH`. What belongs to it lies beside the file: `ledger.db`, `ledger.keys.db`,
 * `ledger.views.db`, `ledger.log.db`, and of the HTTP service `ledger.access.db`, `ledger.access.ndjson`.
 *
 * @throws StoreUrlError for anything else
 */
export function locationOf(url: string): LedgerLocation {
  const path = /^sqlite:(?!\/\/)(.+)$/.exec(url)?.[1];
  if (path === undefined) {
    const hint = /^esdb(\+discover)?:/.test(url)
      ? 'the EventStoreDB engine is not in this version yet'
      : `give sqlite:PATH, for instance ${defaultStoreUrl}`;
    throw new StoreUrlError(`cannot use the store URL "${url.replace(/\/\/[^@/]*@/, '//…@')}": ${hint}`);
  }
  const events = resolve(path);
  const stem = events.replace(/\.(?:db|sqlite3?)$/, '');
  return {
    url,
    events,
    keys: `${stem}.keys.db`,
    readModels: `${stem}.views.db`,
    log: `${stem}.log.db`,
    access: `${stem}.access.db`,
    accessLog: `${stem}.access.ndjson`,
  };
}
