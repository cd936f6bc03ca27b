import '@penalty-ledger/application';
import { describedInBoth } from '@penalty-ledger/ledger';

type Schema = Readonly<Record<string, unknown>>;

/** The module of schemas, which notes what each check is made of. */
const { seen } = jest.requireMock<{ readonly seen: Map<string, Schema[]> }>(
  '../../libs/ledger/src/schema.ts',
);

jest.mock('../../libs/ledger/src/schema.ts', () => {
  const actual = jest.requireActual<{ checkOf: (schema: Schema, root: string) => unknown }>(
    '../../libs/ledger/src/schema.ts',
  );
  const seen = new Map<string, Schema[]>();
  return {
    ...actual,
    seen,
    checkOf: (schema: Schema, root: string): unknown => {
      seen.set(root, [...(seen.get(root) ?? []), schema]);
      return actual.checkOf(schema, root);
    },
  };
});

/** The descriptions in a schema, which a refused sender reads. */
function descriptionsIn(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { description, ...members } = schema as Schema;
  return [
    ...(typeof description === 'string' ? [description] : []),
    ...Object.values(members).flatMap(descriptionsIn),
  ];
}

// A field of a list says its form by itself, as a pair that does not compile with a gap.
it.each(['line', 'data', 'query'])('each form that a %s wants is said in Chinese', (root) => {
  const descriptions = (seen.get(root) ?? []).flatMap(descriptionsIn);
  expect(descriptions).not.toEqual([]);
  const missing = descriptions.filter((each) => describedInBoth(each) === undefined);
  expect([...new Set(missing)]).toEqual([]);
});
