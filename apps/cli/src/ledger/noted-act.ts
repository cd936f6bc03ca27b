import { existsSync } from 'node:fs';
import { AccessFile } from '@penalty-ledger/application/access-file';
import { localUser, UnloggedActs } from '@penalty-ledger/application/access-log';
import { systemClock } from '@penalty-ledger/application/clock';
import { locationOf } from '@penalty-ledger/application/store-url';

/**
 * Leaves an act for the access log of the ledger's service before it is done: what takes data out
 * of the ledger in bulk is named there, whichever way it goes. A ledger that no service was ever
 * started on has no access log.
 *
 * @param act the verb: `export`
 * @param subject the ids it is about, by name
 * @throws StoreUnavailableError, StoreDamagedError when the access file cannot be written: then
 *   nothing may be handed out
 */
export function noteAct(
  url: string,
  act: string,
  subject: Readonly<Record<string, string | undefined>> = {},
): void {
  const { access: path } = locationOf(url);
  if (!existsSync(path)) return;
  const access = AccessFile.open(path);
  try {
    const given = Object.entries(subject).filter(
      (one): one is [string, string] => one[1] !== undefined,
    );
    new UnloggedActs(access).leave(
      { principal: localUser(), route: act, subject: Object.fromEntries(given) },
      systemClock.now(),
    );
  } finally {
    access.close();
  }
}
