import { describeAppending } from './appending.js';
import { describeConcurrentAppending } from './concurrent-appending.js';
import { describeDamage } from './damage.js';
import { describeFollowing } from './following.js';
import { describeReading } from './reading.js';
import { Bench, type StoreUnderTest } from './store-under-test.js';

export { sampleEvents, type SampleOptions } from './sample-events.js';
export {
  Bench,
  collect,
  followUntil,
  recordIn,
  type DamageKind,
  type StoreUnderTest,
} from './store-under-test.js';

/**
 * The one contract of every event store, as Jest tests. An adapter's spec file passes a function
 * that opens an empty store. There are no options, because there are no exceptions; only the events
 * of a real engine cannot be damaged by a test.
 *
 * @param canDamage whether a test can damage an event
 */
export function eventStoreContract(
  name: string,
  open: () => Promise<StoreUnderTest>,
  canDamage = true,
): void {
  describe(`${name} keeps the event store's contract`, () => {
    const bench = new Bench(open);
    describe('appending', () => describeAppending(bench));
    describe('appending at the same time', () => describeConcurrentAppending(bench));
    describe('reading', () => describeReading(bench));
    describe('following', () => describeFollowing(bench));
    if (canDamage) describe('damage', () => describeDamage(bench));
  });
}
