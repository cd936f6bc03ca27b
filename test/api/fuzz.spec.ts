import { commandRoutes } from '@penalty-ledger/api/command-routes';
import fc from 'fast-check';
import { testService } from './service.js';

const held = testService();

interface Operation {
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly schema?: object;
  }[];
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema: object }>>;
  };
}

/** Anything a field may be sent as: near what its schema says, and far from it. */
function near(schema: Readonly<Record<string, unknown>>): fc.Arbitrary<unknown> {
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

function mostly(schema: Readonly<Record<string, unknown>>): fc.Arbitrary<unknown> {
  return fc.oneof(
    { weight: 6, arbitrary: near(schema) },
    { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  );
}

it('every request that nearly fits a route’s schema is answered, and never with 500', async () => {
  const { current } = held;
  await current.given(
    ['AdmitAgency', { agencyId: 'a1', name: 'x', effectiveAt: '2026-01-01T00:00:00Z' }],
    ['BindCreator', { agencyId: 'a1', creatorId: 'c1', effectiveAt: '2026-01-02T00:00:00Z' }],
    [
      'RecordDeduction',
      {
        deductionId: 'd1',
        agencyId: 'a1',
        points: 10,
        clause: 'improper-operation',
        occurredAt: '2026-01-05T00:00:00Z',
      },
    ],
  );
  const { body } = await current.get('/openapi.json', { as: '' });
  const paths = body['paths'] as Record<string, Record<string, Operation>>;
  const failures: string[] = [];
  for (const [path, operations] of Object.entries(paths)) {
    if (path === '/events/stream') continue;
    for (const [method, operation] of Object.entries(operations)) {
      const given = operation.parameters ?? [];
      const ofKind = (kind: string) =>
        fc.record(
          Object.fromEntries(
            given
              .filter((each) => each.in === kind)
              .map(({ name, schema }) => [name, mostly({ ...schema })]),
          ),
          { requiredKeys: kind === 'path' ? undefined : [] } as never,
        );
      const schema = operation.requestBody?.content['application/json']?.schema ?? {
        type: 'string',
      };
      const as =
        path.startsWith('/commands/') && !path.endsWith('PublishRulebook')
          ? current.tokens['staff']!
          : current.tokens['administrator']!;
      await fc.assert(
        fc.asyncProperty(
          ofKind('path'),
          ofKind('query'),
          near({ ...schema }),
          async (inPath, query, sent) => {
            const filled = path.replaceAll(
              /\{(\w+)\}/g,
              (_, name: string) =>
                encodeURIComponent(textOf((inPath as Record<string, unknown>)[name])) || 'x',
            );
            const asked = new URLSearchParams(
              Object.entries(query as object).map(([name, value]): [string, string] => [
                name,
                textOf(value),
              ]),
            );
            asked.delete('atLeast');
            const answer = await current.ask(
              method.toUpperCase(),
              `${filled}?${asked.toString()}`,
              {
                as,
                ...(method === 'post' && { body: JSON.stringify(sent) }),
              },
            );
            if (answer.status >= 500)
              failures.push(
                `${method} ${path} ${JSON.stringify(sent)} ${asked.toString()}: ${answer.text}`,
              );
          },
        ),
        { numRuns: 8, seed: 6 },
      );
    }
  }
  expect(failures).toEqual([]);
});

function textOf(value: unknown): string {
  if (value === undefined) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.toWellFormed();
}

it('a body passes its class exactly when the domain’s own schema takes it', async () => {
  const { checkBody, commandOf } = await import('@penalty-ledger/api/read-body');
  const { commandSchemas } = await import('@penalty-ledger/ledger');
  for (const name of Object.keys(commandRoutes) as (keyof typeof commandRoutes)[]) {
    if (name === 'PublishRulebook') continue;
    await fc.assert(
      fc.asyncProperty(
        near(
          JSON.parse(
            JSON.stringify(commandSchemas[name]).replaceAll('"instant"', '"date-time"'),
          ) as Record<string, unknown>,
        ),
        async (sent) => {
          const plain: unknown = JSON.parse(JSON.stringify(sent));
          const byClass = await checkBody(commandRoutes[name].body, plain, 'en').then(
            () => true,
            () => false,
          );
          let bySchema = true;
          try {
            commandOf(name, plain, { by: 'x', commandId: undefined });
          } catch {
            bySchema = false;
          }
          if (byClass !== bySchema)
            throw new Error(
              `${name} ${JSON.stringify(plain)}: class ${byClass}, schema ${bySchema}`,
            );
        },
      ),
      { numRuns: 60, seed: 7 },
    );
  }
});
