import { convertToCommandError } from '@eventstore/db-client';

/** The client's error for one of the transport. It cannot make one of a "not leader" that names no leader. */
export function commandErrorOf(error: Error): Error {
  try {
    return convertToCommandError(error);
  } catch {
    return error;
  }
}
