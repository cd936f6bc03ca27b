import { systemClock, type Clock } from '@penalty-ledger/application/clock';
import { plain } from '@penalty-ledger/application/printable';
import { epochMsOf } from '@penalty-ledger/ledger';

/** The part of a stream that is used. */
export interface Output {
  readonly writableLength: number;
  write(text: string, written?: () => void): unknown;
  on(event: 'error', listener: () => void): unknown;
}

/** The bytes that may wait for a slow reader; a request's line has 200. */
const maxHeldBytes = 1_048_576;

/** The time that what waits has to be read in when the service ends. */
const flushMs = 1_000;

/**
 * Standard error of the service. It never waits for its reader: lines that do not fit are counted
 * instead, and the count is written once there is room. What comes from outside cannot steer the
 * terminal that shows it.
 */
export class ErrorOutput {
  #dropped = 0;

  constructor(
    private readonly stream: Output,
    private readonly clock: Clock,
  ) {
    // Nobody reads it any more.
    stream.on('error', () => undefined);
  }

  /** Writes lines, each with its line break. */
  write(text: string): void {
    if (this.stream.writableLength + text.length > maxHeldBytes) {
      this.#dropped += 1;
      return;
    }
    if (this.#dropped > 0) {
      const [dropped, time] = [this.#dropped, epochMsOf(this.clock.now())];
      this.#dropped = 0;
      const msg = 'messages were dropped, because nobody read standard error';
      this.stream.write(`${JSON.stringify({ level: 40, time, dropped, msg })}\n`);
    }
    this.stream.write(plain(text));
  }

  /** Resolves with true once everything was read, and with false when that takes too long. */
  flush(): Promise<boolean> {
    return new Promise((resolve) => {
      const late = setTimeout(() => resolve(false), flushMs);
      this.stream.write('', () => {
        clearTimeout(late);
        resolve(true);
      });
    });
  }
}

export const errorOutput = new ErrorOutput(process.stderr, systemClock);
