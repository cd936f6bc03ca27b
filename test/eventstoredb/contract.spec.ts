import { eventStoreContract } from '@penalty-ledger/event-store/contract';
import { onEngine, onWire, schemes } from './engine-under-test.js';

const url = process.env['LEDGER_TEST_ESDB'];

for (const scheme of schemes) {
  eventStoreContract(`EventStoreDb by ${scheme}://`, () => onWire(scheme));
  if (url === undefined) {
    describe(`EventStoreDb by ${scheme}:// on a real engine`, () => {
      it.todo('keeps the contract: skipped, for LEDGER_TEST_ESDB holds no URL of an engine');
    });
  } else {
    const onReal = () => onEngine(scheme, url);
    eventStoreContract(`EventStoreDb by ${scheme}:// on a real engine`, onReal, false);
  }
}
