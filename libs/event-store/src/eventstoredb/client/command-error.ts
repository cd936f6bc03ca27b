import { convertToCommandError } from '@eventstore/db-client';

/**
 * The client's error for one of the transport. The client cannot make one of a "not leader" without
 * a leader's name.
 */
export function commandErrorOf(error: Error): Error {
  try {
    return convertToCommandError(error);
  } catch {
    return error;
  }
}
