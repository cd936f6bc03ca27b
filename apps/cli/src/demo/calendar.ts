const hourMs = 3_600_000;
const offsetMs = 8 * hourMs;

/**
 * A moment of the demo in Shanghai: `2019-05-09 10:15` or `2019-05-09 10:15:30`.
 * Text of one width sorts by time.
 */
export type Moment = string;

/** The demo begins and ends here: nothing is recorded earlier or later. */
export const openingMoment: Moment = '2019-01-02 09:00:00';
export const lastMoment: Moment = '2020-01-20 18:00:00';

/** A moment as a command line has it: `2019-05-09T10:15:00+08:00`. */
export function instantText(moment: Moment): string {
  return `${seconds(moment).replace(' ', 'T')}+08:00`;
}

/** A moment with its seconds, so that moments compare as text. */
export function seconds(moment: Moment): Moment {
  return moment.length === 16 ? `${moment}:00` : moment;
}

export function hoursLater(moment: Moment, hours: number): Moment {
  const epochMs = Date.parse(instantText(moment)) + Math.round(hours * hourMs);
  return new Date(epochMs + offsetMs).toISOString().slice(0, 19).replace('T', ' ');
}

/** The working hour at or after a moment: 09:00 to 18:00 from Monday to Friday. */
export function atWork(moment: Moment): Moment {
  let at = seconds(moment);
  if (at.slice(11) > '18:00:00') at = `${hoursLater(at, 24).slice(0, 10)} 09:${at.slice(14)}`;
  if (at.slice(11) < '09:00:00') at = `${at.slice(0, 10)} 09:${at.slice(14)}`;
  while (isWeekend(at)) at = hoursLater(at, 24);
  return at;
}

function isWeekend(moment: Moment): boolean {
  const day = new Date(`${moment.slice(0, 10)}T00:00:00Z`).getUTCDay();
  return day === 0 || day === 6;
}

/** The last second of a month, `2019-04`. */
export function endOfMonth(month: string): Moment {
  const [year = 0, number = 0] = month.split('-').map(Number);
  return `${new Date(Date.UTC(year, number, 0)).toISOString().slice(0, 10)} 23:59:59`;
}
