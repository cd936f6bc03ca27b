import { createHash } from 'node:crypto';
import { KeyStore } from '@penalty-ledger/application/key-store';
import { locationOf } from '@penalty-ledger/application/store-url';
import { openPersonalData, readEvent, type PersonalData } from '@penalty-ledger/ledger';
import { readOutside } from '../verifying/file-kinds.js';

/** The files to attach, by their SHA-256. @throws UsageError when one cannot be read */
export async function readAttachments(names: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for (const name of names) {
    const bytes = await readOutside(name);
    files.set(createHash('sha256').update(bytes).digest('hex'), bytes);
  }
  return files;
}

/** Opens what is sealed in events, with the keys of a ledger; what has no key any more stays sealed. */
export function openTexts(url: string, bodies: Iterable<string>): ReadonlyMap<string, PersonalData> {
  const keys = KeyStore.open(locationOf(url).keys);
  try {
    const texts = new Map<string, PersonalData>();
    for (const body of bodies) {
      const { id, personal = [] } = readEvent({ body });
      const [box, ...others] = personal;
      const key = box === undefined || others.length > 0 ? undefined : keys.find(box.subject);
      if (box !== undefined && key !== undefined) texts.set(id, openPersonalData(box, id, key));
    }
    return texts;
  } finally {
    keys.close();
  }
}
