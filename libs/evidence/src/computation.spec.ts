import { UnknownEventError, type EventEnvelope } from '@penalty-ledger/ledger';
import { notFolded } from './computation.js';

it('says in each language alone that an event is of a newer program', () => {
  const envelope = { format: 2, type: 'T', schemaVersion: 1, stream: 'agency-a1', revision: 3 };
  const { en, zh } = notFolded(new UnknownEventError(envelope as unknown as EventEnvelope));
  expect(en).toContain('is written in format 2');
  expect(zh).toContain('以格式 2 写成');
  expect(zh).not.toContain('written');
});
