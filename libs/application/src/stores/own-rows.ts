import { randomBytes } from 'node:crypto';
import {
  custodyOf,
  IntegrityError,
  SqliteEventStore,
  type EventStore,
  type ForeignRows,
} from '@penalty-ledger/event-store';
import type { InBoth } from '@penalty-ledger/ledger';
import type { KeyStore } from '../keys/key-store.js';

// Whoever can write the event file alone can give it events with all their hashes. So its rows
// stand under MACs, and the key of these lies among the ledger's keys. An engine has no rows of
// ours.

/**
 * Checks, before a ledger appends, that it stored the last rows itself, and puts later ones under
 * MACs. Without a key yet, every row is put under one now: of a new ledger, or of one that was
 * copied or restored.
 *
 * @param acceptsRows forgets the key first: a person takes every row as the ledger's own
 * @throws IntegrityError
 */
export async function protectRows(
  store: EventStore,
  keys: KeyStore,
  acceptsRows = false,
): Promise<void> {
  if (!(store instanceof SqliteEventStore)) return;
  if (acceptsRows) keys.forgetRowKey();
  const known = keys.findRowKey();
  if (known !== undefined) {
    assertOwn(store.findForeignRows(known));
    store.useRowKey(known);
    return;
  }
  const key = randomBytes(32);
  // Only then is the key stored: rows without a MAC of a stored key are another's.
  if ((await store.head()) !== undefined) store.macAllRows(key);
  keys.putRowKey(key);
  store.useRowKey(key);
}

/**
 * Checks, before a ledger is read, that it stored the last rows itself. A copy that follows has no
 * MACs, and without the keys nothing is checked.
 *
 * @throws IntegrityError
 */
export function assertOwnRows(store: EventStore, keys: KeyStore): void {
  if (!(store instanceof SqliteEventStore) || custodyOf(store)?.role === 'follower') return;
  const key = keys.findRowKey();
  if (key !== undefined) assertOwn(store.findForeignRows(key));
}

/** The problem of rows that the ledger did not store, as the end of a sentence. */
export function foreignText({ first, last }: ForeignRows): InBoth {
  return first === last
    ? {
        en: 'it has no MAC of the key beside the ledger’s keys: the ledger did not store it',
        zh: '没有账本密钥文件中密钥的校验码：并非由账本存入',
      }
    : {
        en:
          `it and those up to position ${String(last)} have no MAC of the key beside the ` +
          'ledger’s keys: the ledger did not store all of them',
        zh:
          `自此至位置 ${String(last)} 没有账本密钥文件中密钥的校验码：` + '其中有并非由账本存入的',
      };
}

const hint: InBoth = {
  en:
    '"ledger verify" names every such event; restore the store from a backup; if an older key ' +
    'file was put back, see "ledger keys accept-rows"',
  zh:
    '"ledger verify" 会指出每个这样的事件；请从备份恢复存储；' +
    '如果换回的是旧密钥文件，请参阅 "ledger keys accept-rows"',
};

function assertOwn(found: ForeignRows | undefined): void {
  if (found === undefined) return;
  throw new IntegrityError(foreignText(found), { position: String(found.first) }, { hint });
}
