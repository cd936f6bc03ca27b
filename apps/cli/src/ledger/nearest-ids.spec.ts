import type { LedgerReader } from '@penalty-ledger/application';
import { commandSchemas, creationOf, type LedgerCommand } from '@penalty-ledger/ledger';
import { hintForRefused } from './nearest-ids.js';

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
}

type Path = readonly string[];

/** The places of ids that name a record: `deductionId`, `adjustments.0.deductionId`. */
function placesIn(
  schema: Schema,
  path: Path = [],
): readonly (readonly [path: Path, name: string])[] {
  return [
    ...Object.entries(schema.properties ?? {}).flatMap(([name, member]) =>
      /(?:Ids?|^from|^into)$/.test(name)
        ? [[[...path, name, ...(member.items === undefined ? [] : ['0'])], name] as const]
        : placesIn(member, [...path, name]),
    ),
    ...(schema.items === undefined ? [] : placesIn(schema.items, [...path, '0'])),
    ...(schema.anyOf ?? []).flatMap((each) => placesIn(each, path)),
  ];
}

/** Data with one text in it, at a place. */
function dataWith(text: string, [name, ...rest]: Path): unknown {
  if (name === undefined) return text;
  const value = dataWith(text, rest);
  return name === '0' ? [value] : { [name]: value };
}

/** Names that are no id of a record of this ledger. */
const notRecords = ['legalPersonId'];

const kindOf = (name: string): string =>
  ['from', 'into'].includes(name) ? 'complaint' : name.replace(/Ids?$/, '');

/** The kinds of records that commands create. */
const created = new Set(
  Object.keys(commandSchemas).flatMap((command) => {
    const data = new Proxy({}, { get: () => new Proxy({}, { get: () => 'x' }) });
    return creationOf({ command, data } as LedgerCommand)?.kind ?? [];
  }),
);

const places = Object.entries(commandSchemas).flatMap(([command, schema]) =>
  placesIn(schema as Schema)
    .filter(([, name]) => !notRecords.includes(name))
    .map(([path, name]) => ({ command, path, kind: kindOf(name) })),
);

it('there are ids to offer for each kind of record that has an id of its own', () => {
  const withoutId = ['calendar', 'rulebook'];
  const named = new Set(places.map(({ kind }) => kind));
  expect([...created].filter((kind) => !named.has(kind)).sort()).toEqual(withoutId);
});

it.each(places.map((each) => [each.command, each.path.join('.'), each] as const))(
  '%s: an unknown %s is compared with those in use',
  async (_command, _path, { path, kind }) => {
    const nearestIds: LedgerReader['nearestIds'] = (asked, id) =>
      Promise.resolve([{ id: `${asked} near ${id}`, recordedAt: '' as never }]);
    const hint = await hintForRefused(`unknown_${kind}`, dataWith('x1', path), { nearestIds });
    expect(hint).toBe(`did you mean "${kind} near x1"?`);
  },
);
