const dayMs = 86_400_000;

/**
 * Returns the civil days and years of a time zone. All days begin at its own 00:00.
 *
 * @throws RangeError for a zone that this browser does not know
 */
export const calendarOf = (timeZone) => {
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone,
    dateStyle: 'short',
    timeStyle: 'medium',
  });
  // The wall clock's time, written as if it were UTC, in full seconds.
  const wallOf = (at) => Date.parse(`${format.format(new Date(at)).replace(' ', 'T')}Z`);
  const offsetAt = (at) => wallOf(at) - Math.floor(at / 1000) * 1000;
  const instantOfDay = (day) => new Date(day - offsetAt(day - offsetAt(day))).toISOString();
  return {
    /** 00:00 of the local day that lies some days after the instant's own. */
    startOfDayAfter: (instant, days) =>
      instantOfDay(Math.floor(wallOf(Date.parse(instant)) / dayMs + days) * dayMs),
    /** The first instant of the month that lies some months after one given as `2019-04`. */
    startOfMonth: (month, by) => {
      const [year, number] = month.split('-').map(Number);
      return instantOfDay(Date.UTC(year, number - 1 + by, 1));
    },
    yearOf: (instant) => new Date(wallOf(Date.parse(instant))).toISOString().slice(0, 4),
  };
};
