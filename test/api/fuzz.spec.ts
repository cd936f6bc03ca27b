import { commandRoutes } from '@penalty-ledger/api/command-routes';
import { parseInstant } from '@penalty-ledger/ledger';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import { DescribedService, operationsOf } from './described.js';
import { mostly, near } from './near-schema.js';
import { testService, type Answered } from './service.js';

const held = testService();

interface Operation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema: object }>>;
  };
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly schema?: object;
}

describe('a request that nearly fits a route’s schema', () => {
  /** Requests that the document rules out, and that were taken. */
  const taken: string[] = [];
  /** Bodies that the document allows, and that were refused as malformed. */
  const refused: string[] = [];
  const failures: string[] = [];
  let described: DescribedService;

  beforeAll(async () => {
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
    described = await DescribedService.over(current);
    const { document } = described;
    const ajv = addFormats.default(new Ajv2020({ strict: false })).addSchema(document, 'openapi');
    // Narrower than RFC 3339, as its description says: from 1992 on, no finer than a millisecond.
    ajv.addFormat('date-time', (text: string) => parseInstant(text) !== undefined);
    for (const { method, path, operation } of operationsOf(document)) {
      if (path === '/events/stream') continue;
      const { parameters = [], requestBody } = operation as unknown as Operation;
      const ofKind = (kind: string) =>
        fc.record(
          Object.fromEntries(
            parameters
              .filter((each) => each.in === kind)
              .map(({ name, schema }) => [name, mostly({ ...schema })]),
          ),
          { requiredKeys: kind === 'path' ? undefined : [] } as never,
        ) as fc.Arbitrary<Readonly<Record<string, unknown>>>;
      const schema = requestBody?.content['application/json']?.schema;
      const fits = schema === undefined ? undefined : ajv.compile(schemaIn(schema));
      const as =
        path.startsWith('/commands/') && !path.startsWith('/commands/Publish')
          ? current.tokens['staff']!
          : current.tokens['administrator']!;
      await fc.assert(
        fc.asyncProperty(
          ofKind('path'),
          ofKind('query'),
          near({ ...(schema ?? { type: 'string' }) }),
          async (inPath, query, sent) => {
            const filled = path.replaceAll(
              /\{(\w+)\}/g,
              (_, name: string) => encodeURIComponent(textOf(inPath[name])) || 'x',
            );
            const asked = new URLSearchParams(
              Object.entries(query).map(([name, value]): [string, string] => [name, textOf(value)]),
            );
            asked.delete('atLeast');
            const body = JSON.stringify(sent);
            const answer = await described.ask(
              method.toUpperCase(),
              `${filled}?${asked.toString()}`,
              { as, ...(method === 'post' && { body }) },
            );
            const said = `${method} ${path}?${asked.toString()} ${body}: ${answer.status}`;
            if (answer.status >= 500) failures.push(`${said} ${answer.text}`);
            if (method !== 'post' || fits === undefined) return;
            const isFitting = fits(JSON.parse(body));
            if (!isFitting && answer.status < 400) taken.push(said);
            // The form of its body is that of the command in its path.
            if (path === '/trial/{command}') return;
            if (isFitting && answer.status === 400 && errorsIn(answer).length > 0)
              refused.push(`${said} ${answer.text}`);
          },
        ),
        { numRuns: 8, seed: 6 },
      );
    }
  }, 120_000);

  it('is answered, and never with 500', () => expect(failures).toEqual([]));

  it('is answered with a status, a type and a body that the document has', () =>
    expect(described.problems).toEqual([]));

  it('is refused when its body does not fit', () => expect(taken).toEqual([]));

  it('is not called malformed when its body fits', () => expect(refused).toEqual([]));
});

/** A schema of the document, whose references lead there. */
function schemaIn(schema: object): object {
  return JSON.parse(JSON.stringify(schema).replaceAll('"$ref":"#/', '"$ref":"openapi#/')) as object;
}

function errorsIn({ body }: Answered): readonly unknown[] {
  const { errors = [] } = body as { readonly errors?: readonly unknown[] };
  return errors;
}

function textOf(value: unknown): string {
  if (value === undefined) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.toWellFormed();
}

it('a body passes its class exactly when the domain’s own schema takes it', async () => {
  const { checkBody } = await import('@penalty-ledger/api/read-body');
  const { commandSchemas, readCommandLine } = await import('@penalty-ledger/ledger');
  for (const name of Object.keys(commandRoutes) as (keyof typeof commandRoutes)[]) {
    if (name.startsWith('Publish')) continue;
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
          const { problems } = readCommandLine({ command: name, by: 'x', data: plain });
          const bySchema = problems === undefined;
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
