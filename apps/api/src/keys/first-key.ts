import type { AccessFile } from '@penalty-ledger/application/access-file';
import type { UnloggedActs } from '@penalty-ledger/application/access-log';
import type { ApiKeys, IssuedKey } from '@penalty-ledger/application/api-keys';
import type { Instant } from '@penalty-ledger/ledger';

/**
 * Issues an administrator's key where no key was ever issued, and leaves an act for the access log
 * that says where it came from.
 */
export function issueFirstKey(
  access: AccessFile,
  keys: ApiKeys,
  acts: UnloggedActs,
  now: Instant,
): IssuedKey | undefined {
  return access.inOneStep(() => {
    const issued = keys.issueFirst(now);
    if (issued !== undefined)
      acts.leave(
        { principal: 'service', route: 'first start', subject: { id: issued.key.id } },
        now,
      );
    return issued;
  });
}
