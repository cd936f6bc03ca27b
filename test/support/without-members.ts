/** An answer without the members that a list over all agencies leaves out. */
export function withoutMembers(
  answer: Readonly<Record<string, unknown>>,
  ...left: readonly string[]
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(answer).filter(([name]) => !left.includes(name)));
}
