import { atWork, openingMoment, seconds, type Moment } from './calendar.js';
import { Diary } from './diary.js';
import { tellOperations } from './operations.js';
import { OrdinaryYear } from './ordinary-year.js';
import { Random } from './random.js';
import { stories } from './stories.js';
import { agencyNames } from './texts.js';

/** The id of a demo ledger's first command, by which it is recognised. */
export const demoCommandId = 'demo-slice-2019';

const agencyCount = 60;

/**
 * The command lines of one platform slice: sixty agencies, the year 2019 and its turn. A few
 * agencies have their {@link stories}; the others have an ordinary year. Four have their October
 * session by session. The lines are the same on every run.
 */
export function demoLines(): readonly string[] {
  const random = new Random(20_190_307);
  const diary = new Diary();
  const names = agencyNames(random, agencyCount);
  for (const [index, name] of names.entries()) {
    const agencyId = `mcn-${String(index + 1).padStart(3, '0')}`;
    const story = stories[agencyId];
    const admittedAt = story?.admittedAt ?? admissionOf(random, index);
    admit(diary, { agencyId, name, admittedAt, isFirst: index === 0 });
    if (story === undefined) new OrdinaryYear(diary, random, agencyId, admittedAt).tell();
    else story.tell(diary);
  }
  tellOperations(diary);
  return diary.lines();
}

/** Most were there before the year began; some come in its course. */
function admissionOf(random: Random, index: number): Moment {
  const day = String(random.between(1, 28)).padStart(2, '0');
  // The first one's is the first command of all, by which a demo is recognised.
  if (index === 0 || random.chance(0.8))
    return `2018-${String(random.between(1, 9)).padStart(2, '0')}-${day} 10:00:00`;
  return atWork(`2019-${String(random.between(2, 9)).padStart(2, '0')}-${day} 10:00:00`);
}

function admit(
  diary: Diary,
  agency: {
    readonly agencyId: string;
    readonly name: string;
    readonly admittedAt: Moment;
    readonly isFirst: boolean;
  },
): void {
  const { agencyId, name, admittedAt } = agency;
  const data = { agencyId, name, legalPersonId: `lp-${agencyId.slice(4)}` };
  const isEarlier = admittedAt < openingMoment;
  diary.record(
    isEarlier ? openingMoment : seconds(admittedAt),
    'officer-lin',
    'AdmitAgency',
    { ...data, ...(isEarlier && { effectiveAt: admittedAt }) },
    agency.isFirst ? demoCommandId : undefined,
  );
}
