const formatIn = (timeZone, timeStyle) => {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle });
  return (instant) => format.format(new Date(instant));
};

/** Returns a function that writes instants as day and time of a zone. */
export const instantIn = (zone) => formatIn(zone, 'medium');

/** Returns a function that writes instants as days of a zone. */
export const dayIn = (zone) => formatIn(zone, undefined);

/** Returns 1 January 00:00 of a year in a zone, in milliseconds. */
export const startOfYear = (year, zone) => {
  const guess = Date.UTC(year, 0, 1);
  const shown = instantIn(zone)(guess);
  return guess - (Date.parse(`${shown.replace(' ', 'T')}Z`) - guess);
};
