import { existsSync } from 'node:fs';
import { AccessFile } from '@penalty-ledger/application/access-file';
import { localUser, UnloggedActs } from '@penalty-ledger/application/access-log';
import {
  ApiKeyError,
  ApiKeys,
  rightsOf,
  type ApiKey,
  type IssuedKey,
  type NewApiKey,
} from '@penalty-ledger/application/api-keys';
import { FourEyes } from '@penalty-ledger/application/four-eyes';
import { systemClock } from '@penalty-ledger/application/clock';
import { locationOf } from '@penalty-ledger/application/store-url';
import { StoreUnavailableError } from '@penalty-ledger/event-store';
import type { Instant } from '@penalty-ledger/ledger';
import { nearestOf } from '@penalty-ledger/application/nearest-ids';
import { didYouMean } from '../ledger/nearest-ids.js';
import { UsageError } from '../terminal/exit-codes.js';
import { saidBy } from '../terminal/language.js';

/** The API keys of a ledger, without its service. */
export interface KeyAdministration {
  readonly now: Instant;
  list(): readonly ApiKey[];
  issue(wanted: NewApiKey): IssuedKey;
  revoke(id: string): ApiKey;
  /** Switches the need of a second administrator on or off. */
  switchFourEyes(isOn: boolean): void;
}

/**
 * Opens the API keys of a ledger for as long as `work` takes. Write access to the data folder is
 * the permission, so that a lost administrator's key can be replaced. The service can keep running.
 * Each change leaves an act for the access log, in the same step.
 *
 * @throws StoreUnavailableError when no service was ever started on the ledger
 * @throws UsageError for an unknown key, or one that cannot be issued
 */
export async function withApiKeys<Result>(
  url: string,
  work: (administration: KeyAdministration) => Promise<Result>,
): Promise<Result> {
  const { access: path } = locationOf(url);
  if (!existsSync(path)) {
    throw new StoreUnavailableError({
      en:
        `there are no API keys at "${path}"; start the service on this ledger to make the ` +
        'first one',
      zh: `"${path}" 处没有 API 密钥；在此账本上启动服务即可生成第一个`,
    });
  }
  const access = AccessFile.open(path);
  const [keys, acts] = [new ApiKeys(access), new UnloggedActs(access)];
  const fourEyes = new FourEyes(access, keys);
  const now = systemClock.now();
  const principal = localUser();
  const inOneStep = <T>(
    act: string,
    change: () => T,
    subjectOf: (changed: T) => Readonly<Record<string, string>>,
    hint: (error: ApiKeyError) => string | undefined = () => undefined,
  ): T => {
    try {
      return access.inOneStep(() => {
        const changed = change();
        acts.leave({ principal, route: `api-keys ${act}`, subject: subjectOf(changed) }, now);
        return changed;
      });
    } catch (error) {
      if (!(error instanceof ApiKeyError)) throw error;
      throw new UsageError(saidBy(error), hint(error), { cause: error });
    }
  };
  try {
    return await work({
      now,
      list: () => keys.list(now),
      issue: (wanted) =>
        inOneStep(
          'issue',
          () => keys.issue(wanted, now),
          ({ key }) => rightsOf(key),
        ),
      revoke: (id) =>
        inOneStep(
          'revoke',
          () => keys.revoke(id, now),
          rightsOf,
          (error) => nearestKeys(error, id, keys.list(now)),
        ),
      switchFourEyes: (isOn) => {
        inOneStep(
          'four-eyes',
          () => {
            fourEyes.switch(isOn, now);
          },
          () => ({ isOn: String(isOn) }),
        );
      },
    });
  } finally {
    access.close();
  }
}

function nearestKeys(
  { code }: ApiKeyError,
  asked: string,
  keys: readonly ApiKey[],
): string | undefined {
  if (code !== 'unknown_key') return undefined;
  return didYouMean(nearestOf(asked, keys));
}
