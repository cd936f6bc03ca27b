import fc from 'fast-check';

type Schema = Readonly<Record<string, unknown>>;

/** Anything a field may be sent as: near what its schema says, and far from it. */
export function near(schema: Schema): fc.Arbitrary<unknown> {
  const {
    type,
    properties,
    items,
    enum: choices,
    anyOf,
  } = schema as {
    type?: string;
    properties?: Record<string, Record<string, unknown>>;
    items?: Record<string, unknown>;
    enum?: unknown[];
    anyOf?: Record<string, unknown>[];
  };
  if ('const' in schema) return fc.constant(schema['const']);
  if (choices !== undefined) return fc.constantFrom(...choices);
  if (anyOf !== undefined) return fc.oneof(...anyOf.map(near));
  if (type === 'object') {
    const fields = Object.fromEntries(
      Object.entries(properties ?? {}).map(([name, each]) => [name, mostly(each)]),
    );
    return fc.oneof(
      { weight: 9, arbitrary: fc.record(fields, { requiredKeys: [] }) },
      { weight: 1, arbitrary: fc.object() },
    );
  }
  if (type === 'array') return fc.array(mostly(items ?? {}), { maxLength: 4 });
  if (type === 'integer') return fc.oneof(fc.integer({ min: -1, max: 130 }), fc.maxSafeInteger());
  if (schema['format'] === 'date-time')
    return fc.constantFrom(
      '2026-01-05T10:00:00+08:00',
      '2026-02-30T10:00:00Z',
      '9999-12-31T23:59:59Z',
    );
  return fc.oneof(
    fc.constantFrom('a1', 'd1', 'c1', '2026-01', '2026-01-05', 'beauty', ''),
    fc.string({ unit: 'grapheme', maxLength: 80 }),
  );
}

/** Mostly near a schema, and now and then anything. */
export function mostly(schema: Schema): fc.Arbitrary<unknown> {
  return fc.oneof(
    { weight: 6, arbitrary: near(schema) },
    { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  );
}
