import type { StreamHead } from '@penalty-ledger/ledger';

/** A stream, and where its last event stands. */
export interface Place {
  readonly stream: string;
  head: StreamHead | undefined;
}

/** A stream's state as decisions see it: with everything appended so far, acknowledged or not. */
export interface Warm<State> extends Place {
  state: State;
}
