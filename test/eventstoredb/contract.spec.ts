import { eventStoreContract } from '@penalty-ledger/event-store/contract';
import { onEngine, onWire } from './engine-under-test.js';

eventStoreContract('EventStoreDb', () => onWire());

const url = process.env['LEDGER_TEST_ESDB'];
if (url === undefined) {
  describe('EventStoreDb on a real engine', () => {
    it.todo('keeps the contract: skipped, for LEDGER_TEST_ESDB holds no URL of an engine');
  });
} else {
  eventStoreContract('EventStoreDb on a real engine', () => onEngine(url));
}
