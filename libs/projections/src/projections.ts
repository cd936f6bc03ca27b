import { agencies } from './agencies.js';
import { appeals } from './appeals.js';
import { complaints } from './complaints.js';
import { creators } from './creators.js';
import { evidence } from './evidence.js';
import { findings } from './findings.js';
import type { Projection } from './projection.js';
import { registrations } from './registrations.js';
import { schedule } from './schedule.js';
import { sessions } from './sessions.js';

/** Every read model. A new one is its file and a line here. */
export const projections: readonly Projection[] = [
  agencies,
  appeals,
  complaints,
  creators,
  evidence,
  findings,
  registrations,
  schedule,
  sessions,
];
