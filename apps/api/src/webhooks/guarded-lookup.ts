import { lookup as lookUpName, type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { problemOfAddress, type AllowedTargets } from '@penalty-ledger/application/webhooks';

/** A webhook must not be sent to where its URL leads. */
export class TargetRefusedError extends Error {
  readonly code = 'target_refused';
}

/**
 * Resolves the name of a target for one connection and gives only addresses that may be connected
 * to. The connection is made to the checked address, so a name that answers differently the second
 * time gains nothing.
 */
export function guardedLookup(
  target: URL,
  allowed: AllowedTargets,
  resolve: typeof lookUpName = lookUpName,
): LookupFunction {
  return (name, options, callback) => {
    const refuse = (error: NodeJS.ErrnoException): void => callback(error, '', 0);
    const check = (
      error: NodeJS.ErrnoException | null,
      addresses: readonly LookupAddress[],
    ): void => {
      if (error !== null) {
        refuse(error);
        return;
      }
      const [first] = addresses;
      const problem = addresses
        .map(({ address }) => problemOfAddress(address, target, allowed))
        .find((each) => each !== undefined);
      if (first === undefined || problem !== undefined) {
        refuse(new TargetRefusedError(problem?.en ?? `"${name}" has no address`));
      } else if (options.all === true) callback(null, [...addresses]);
      else callback(null, first.address, first.family);
    };
    resolve(name, { all: true, order: 'verbatim' }, check);
  };
}
