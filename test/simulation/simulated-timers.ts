import type * as Crypto from 'node:crypto';
import { testKey } from '../support/test-key.js';
import { currentChoices } from './seeded-chance.js';
import { currentTime, Task } from './virtual-time.js';

type Work = (...values: unknown[]) => void;

const cancel = (task?: unknown): void => {
  if (task instanceof Task) currentTime().cancel(task);
};

/** The timers of Node.js, on virtual time. */
export const simulatedTimers = {
  setTimeout: (run: Work, ms = 0, ...values: unknown[]) =>
    // As Node.js: none is shorter than a millisecond.
    currentTime().after(Math.max(1, ms), 'timer', () => {
      run(...values);
    }),
  setInterval: (run: Work, ms = 0, ...values: unknown[]) => {
    const time = currentTime();
    const each = time.after(Math.max(1, ms), 'interval', () => {
      time.begin(each);
      run(...values);
    });
    return each;
  },
  setImmediate: (run: Work, ...values: unknown[]) =>
    currentTime().after(0, 'immediate', () => {
      run(...values);
    }),
  clearTimeout: cancel,
  clearInterval: cancel,
  clearImmediate: cancel,
};

/** `node:timers/promises`, as far as the ledger uses it. */
export const simulatedTimerPromises = {
  setTimeout: <T>(ms?: number, value?: T, { signal }: { signal?: AbortSignal } = {}) =>
    new Promise<T | undefined>((resolve, reject) => {
      const abort = (): void => {
        cancel(task);
        reject(new DOMException('The operation was aborted', 'AbortError'));
      };
      const task = currentTime().after(Math.max(1, ms ?? 0), 'pause', () => {
        signal?.removeEventListener('abort', abort);
        resolve(value);
      });
      if (signal?.aborted === true) abort();
      else signal?.addEventListener('abort', abort, { once: true });
    }),
  setImmediate: <T>(value?: T) =>
    new Promise<T | undefined>((resolve) => {
      currentTime().after(0, 'turn', () => {
        resolve(value);
      });
    }),
};

/** A clock that nobody sets, from the beginning of the run. */
export const simulatedPerformance = { now: (): number => currentTime().nowMs };

/** `node:crypto`, whose chance comes from the seed of the run. */
export function withSeededChance(real: typeof Crypto): object {
  const bytes = (count: number): Buffer =>
    Buffer.from(Array.from({ length: count }, () => currentChoices().below(256)));
  const randomInt = (first: number, end?: number): number =>
    end === undefined ? currentChoices().below(first) : first + currentChoices().below(end - first);
  return {
    ...real,
    randomBytes: bytes,
    randomInt,
    randomUUID: () => {
      const [, ...parts] =
        /^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/.exec(bytes(16).toString('hex')) ?? [];
      const [first, second, third, fourth, last] = parts;
      return `${first}-${second}-4${third}-8${fourth}-${last}`;
    },
    generateKeyPairSync: () => {
      const key = testKey(currentChoices().below(256));
      return {
        privateKey: key.export({ type: 'pkcs8', format: 'pem' }),
        publicKey: real.createPublicKey(key).export({ type: 'spki', format: 'pem' }),
      };
    },
  };
}
