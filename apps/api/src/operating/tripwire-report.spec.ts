import { StoreUnavailableError } from '@penalty-ledger/event-store';
import { sameInBoth } from '@penalty-ledger/ledger';
import { tripwireReport } from './tripwire-report.js';

const alarm = (code: 'events_expire' | 'stream_deleted', stream: string) => ({
  code,
  stream,
  what: sameInBoth('x'),
  hint: sameInBoth('y'),
});

it('counts alarms by code, and names no stream', () => {
  const alarms = [
    alarm('events_expire', 'agency-a1'),
    alarm('stream_deleted', 'agency-a1'),
    alarm('events_expire', 'agency-a2'),
  ];
  const report = tripwireReport({ alarms, lastFailure: undefined });
  expect(report).toEqual({ alarms: { events_expire: 2, stream_deleted: 1 } });
});

it('says why a look could not be made by its code, and nothing that the error quotes', () => {
  const lastFailure = new StoreUnavailableError(sameInBoth('esdb://node-1.internal:2113 refused'));
  expect(tripwireReport({ alarms: [], lastFailure })).toEqual({
    alarms: {},
    lastFailure: 'store_unavailable',
  });
  expect(tripwireReport({ alarms: [], lastFailure: new RangeError('x') }).lastFailure).toBe(
    'RangeError',
  );
});
