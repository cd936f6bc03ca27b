import type { QueryName } from '@penalty-ledger/application';
import type { Role } from '@penalty-ledger/application/api-keys';
import { readers, readersAndAgencies } from '../guard/rule.js';

/**
 * The route of a query of interchange §3: its fields are in the path, and the others in the query
 * string.
 */
export interface QueryRoute {
  readonly path: string;
  readonly summary: string;
  readonly roles: readonly Role[];
}

/**
 * Every query with a single answer. `agencies` is a list with pages and `whatif` has a body; each
 * has a route of its own.
 */
export const queryRoutes: Readonly<Record<Exclude<QueryName, 'agencies' | 'whatif'>, QueryRoute>> =
  {
    balance: {
      path: 'agencies/:agencyId/balance',
      summary: 'the balance at (E, K)',
      roles: readersAndAgencies,
    },
    explain: {
      path: 'agencies/:agencyId/explain',
      summary: 'the balance with all it rests on',
      roles: readersAndAgencies,
    },
    assessment: {
      path: 'agencies/:agencyId/assessments/:month',
      summary: 'the assessment of a month',
      roles: readersAndAgencies,
    },
    outlook: {
      path: 'agencies/:agencyId/outlook',
      summary: 'the month so far, the threshold, the reset, windows and bans, as of now',
      roles: readersAndAgencies,
    },
    appeal: {
      path: 'appeals/:appealId',
      summary: 'an appeal with its texts and its deadlines',
      roles: readersAndAgencies,
    },
    complaint: {
      path: 'complaints/:complaintId',
      summary: 'a complaint',
      roles: readersAndAgencies,
    },
    session: {
      path: 'sessions/:sessionId',
      summary: 'a live session with its corrections',
      roles: readersAndAgencies,
    },
    // They tell of other agencies.
    vertical: {
      path: 'verticals/:vertical/:month',
      summary: 'the ranking of a vertical',
      roles: readers,
    },
    slots: { path: 'slots/:date', summary: 'the traffic slots of a date', roles: readers },
    themes: { path: 'themes/:month', summary: 'the theme proposals for a month', roles: readers },
  };
