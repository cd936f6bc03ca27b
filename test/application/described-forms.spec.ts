import { commandSchemas, describedInBoth } from '@penalty-ledger/ledger';

type Schema = Readonly<Record<string, unknown>>;

/** The descriptions in a schema, which a refused sender reads. */
function descriptionsIn(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { description, ...members } = schema as Schema;
  return [
    ...(typeof description === 'string' ? [description] : []),
    ...Object.values(members).flatMap(descriptionsIn),
  ];
}

it.each(Object.entries(commandSchemas))(
  'each form that %s wants is said in Chinese',
  (_, schema) => {
    const missing = descriptionsIn(schema).filter((each) => describedInBoth(each) === undefined);
    expect(missing).toEqual([]);
  },
);
