/** The noun for a number of things: `event` for one, `events` for any other number. */
export function nounFor(number: number, one: string, many = `${one}s`): string {
  return number === 1 ? one : many;
}

/** `1 event`, `12 events`: a number of things in a message. */
export function counted(number: number, one: string, many?: string): string {
  return `${number} ${nounFor(number, one, many)}`;
}
