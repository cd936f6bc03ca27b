import {
  agencyOfStream,
  agencyStream,
  alarmsStream,
  creatorStream,
  erasuresStream,
  evidenceStream,
  ledgerStream,
  parseStream,
  refusalsStream,
  rulebooksStream,
  sessionsStream,
  slotsStream,
  themesStream,
} from '@penalty-ledger/ledger';
import fc from 'fast-check';

const id = fc.stringMatching(/^[A-Za-z0-9._:-]{1,64}$/);
const month = fc.constantFrom('2019-01', '2019-12', '2020-02');

it('reads every name back into the parts it was made of', () => {
  fc.assert(
    fc.property(id, month, (one, m) => {
      expect(parseStream(agencyStream(one))).toEqual({ kind: 'agency', agencyId: one });
      expect(parseStream(creatorStream(one))).toEqual({ kind: 'creator', creatorId: one });
      expect(parseStream(evidenceStream(one))).toEqual({ kind: 'evidence', evidenceId: one });
      expect(parseStream(sessionsStream(one, m))).toEqual({
        kind: 'sessions',
        agencyId: one,
        month: m,
      });
      expect(agencyOfStream(sessionsStream(one, m))).toBe(one);
    }),
  );
  expect(parseStream(slotsStream('2019-04-01'))).toEqual({ kind: 'slots', date: '2019-04-01' });
  expect(parseStream(themesStream('2019-04'))).toEqual({ kind: 'themes', month: '2019-04' });
  expect(parseStream(refusalsStream('2019-04'))).toEqual({ kind: 'refusals', month: '2019-04' });
  for (const name of [ledgerStream, rulebooksStream, erasuresStream, alarmsStream])
    expect(parseStream(name)).toEqual({ kind: name });
});

it.each(['', 'agency', 'agency-', 'agencies-a1', 'session-2019-04', 'session-a1', 'ledger-1'])(
  'knows no stream "%s"',
  (name) => {
    expect(parseStream(name)).toBeUndefined();
  },
);
