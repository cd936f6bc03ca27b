import fc from 'fast-check';
import { DescribedService, operationsOf } from './described.js';
import { testService } from './service.js';

const held = testService();

/** JSON that has broken readers: names that every object has, numbers, texts, depth and width. */
const hostile: readonly string[] = [
  '{"constructor":"x"}',
  '{"constructor":{"prototype":{"roles":["administrator"]}}}',
  '{"__proto__":{"roles":["administrator"]}}',
  '{"__proto__":null}',
  '{"prototype":{}}',
  '{"toJSON":"x"}',
  '{"then":1,"catch":1}',
  '{"toString":null,"valueOf":0,"hasOwnProperty":1,"isPrototypeOf":""}',
  '[{"constructor":"x"}]',
  '[[[[[[{"__defineGetter__":1}]]]]]]',
  '{"":{"":""}}',
  '{"a.b":1,"a/b~c":1,"a[0]":1}',
  '{"a":1,"a":2}',
  '1e400',
  '-1e400',
  '1e-400',
  '-0',
  '9007199254740993',
  '123456789012345678901234567890.5',
  `1.${'0'.repeat(100_000)}1`,
  `"\\ud800"`,
  `{"\\udfff":"\\ud83d"}`,
  '"\\u0000\\u001b[2J\\u202e"',
  `"${'x'.repeat(100_000)}"`,
  `${'['.repeat(60_000)}${']'.repeat(60_000)}`,
  `${'{"a":'.repeat(30_000)}1${'}'.repeat(30_000)}`,
  `[${'{},'.repeat(39_000)}{}]`,
  `{${Array.from({ length: 20_000 }, (_, n) => `"x${n}":0`).join(',')}}`,
  'null',
  'true',
  '[]',
  '{}',
];

const names = [
  'zz',
  'constructor',
  'prototype',
  '__proto__',
  'toJSON',
  'hasOwnProperty',
  'then',
  '',
  '\\ud800',
];

interface Bodied {
  readonly requestBody?: {
    readonly content: Readonly<
      Record<
        string,
        {
          readonly schema?: { readonly properties?: Readonly<Record<string, unknown>> };
          readonly examples?: Readonly<Record<string, { readonly value: object }>>;
        }
      >
    >;
  };
}

/** The text of an object with one member more, or in the place of one. */
function withMember(object: object, name: string, value: string): string {
  const others = Object.entries(object)
    .filter(([each]) => each !== name)
    .map(([each, of]) => `${JSON.stringify(each)}:${JSON.stringify(of)}`);
  return `{${[...others, `"${name}":${value}`].join(',')}}`;
}

it('no JSON at any place of a body gets a failure or an answer not described', async () => {
  const { current } = held;
  const described = await DescribedService.over(current);
  const failures: string[] = [];
  let sent = 0;
  const send = async (path: string, body: string): Promise<void> => {
    const address = path.replaceAll(/\{\w+\}/g, 'x');
    const isStaffs = /^\/(?:commands|agencies|evidence)/.test(path);
    const as =
      current.tokens[
        isStaffs && !path.startsWith('/commands/Publish') ? 'staff' : 'administrator'
      ]!;
    const answer = await described.ask('POST', address, { as, body });
    sent += 1;
    if (answer.status >= 500)
      failures.push(`${path} ${body.slice(0, 120)}: ${answer.status} ${answer.text.slice(0, 200)}`);
    // A refusal is not longer than a page, whatever was sent.
    if (answer.text.length > 200_000)
      failures.push(`${path} ${body.slice(0, 120)}: ${answer.text.length} characters`);
  };
  for (const { method, path, operation } of operationsOf(described.document)) {
    const content = (operation as unknown as Bodied).requestBody?.content['application/json'];
    if (method !== 'post' || content === undefined) continue;
    const [example] = Object.values(content.examples ?? {});
    const fields = [...names, ...Object.keys(content.schema?.properties ?? {})];
    await send(path, '{"zz":{"constructor":"x"}}');
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...fields),
        fc.constantFrom(...hostile),
        fc.boolean(),
        (name, value, isBare) =>
          send(path, isBare ? value : withMember(example?.value ?? {}, name, value)),
      ),
      { numRuns: 12, seed: 18 },
    );
  }
  expect(failures).toEqual([]);
  expect(described.problems).toEqual([]);
  expect(sent).toBeGreaterThan(500);
}, 120_000);

/** Values of a parameter or a header that have broken readers. */
const hostileTexts: readonly string[] = [
  '',
  ' ',
  '\u0000',
  '\u001b[2J\u202e',
  '%',
  '../../etc/passwd',
  '__proto__',
  'constructor',
  'x'.repeat(4_000),
  '-1',
  '1e400',
  '9007199254740993',
  'NaN',
  '[]',
  '9999-12-31T23:59:59Z',
  '+275760-09-13T00:00:00Z',
  '0000-00-00',
  '😀'.repeat(50),
];

interface Parametered {
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
}

it('no text in a parameter or a header gets a failure or an answer not described', async () => {
  const { current } = held;
  const described = await DescribedService.over(current);
  const failures: string[] = [];
  let sent = 0;
  for (const { method, path, operation } of operationsOf(described.document)) {
    if (path.startsWith('/events/')) continue;
    const { parameters = [] } = operation as unknown as Parametered;
    const ask = async (query: string, headers: Record<string, string>): Promise<void> => {
      const address = `${path.replaceAll(/\{\w+\}/g, 'x')}${query}`;
      const answer = await described.ask(method.toUpperCase(), address, {
        headers,
        ...(method === 'post' && { body: '{}' }),
      });
      sent += 1;
      if (answer.status >= 500) failures.push(`${method} ${address}: ${answer.text}`);
    };
    for (const { name, in: place } of parameters)
      // Every fifth text, each time others; `atLeast` waits until the ledger is as far.
      for (const [index, text] of hostileTexts.entries())
        if (name === 'atLeast' || (index + sent) % 5 !== 0) continue;
        else if (place === 'query') await ask(`?${name}=${encodeURIComponent(text)}`, {});
        else if (place === 'header')
          await ask('', { [name]: text.replaceAll(/[^\x20-\xff]/g, '\xff') });
    await ask('?a=1&a=2&__proto__=1&constructor[x]=1&=&&%00=1', {});
    await ask('', {
      'accept-language': `zh;q=${'9'.repeat(2_000)}, *;q=\xff`,
      'x-forwarded-for': '\xff, ::ffff:1.2.3.4, '.repeat(50),
      traceparent: '00-zz-\xff-01',
      cookie: '__proto__=1',
    });
  }
  expect(failures).toEqual([]);
  expect(described.problems).toEqual([]);
  expect(sent).toBeGreaterThan(300);
}, 120_000);

it('each of these texts, as a whole body and as a member, is refused by a command', async () => {
  const { current } = held;
  const example = { agencyId: 'h1', name: 'x', effectiveAt: '2026-01-01T00:00:00Z' };
  const taken: string[] = [];
  for (const value of hostile)
    for (const body of [
      value,
      withMember(example, 'zz', value),
      withMember(example, 'agencyId', value),
    ]) {
      const { status, text } = await current.ask('POST', '/commands/AdmitAgency', { body });
      if (status !== 400) taken.push(`${status} ${body.slice(0, 100)} ${text.slice(0, 100)}`);
    }
  expect(taken).toEqual([]);
  expect((await current.get('/agencies/h1')).status).toBe(404);
});

it('each of these texts, as a line of an import or in one, is refused, and no other', async () => {
  const data = { agencyId: 'h2', name: 'x', effectiveAt: '2026-01-01T00:00:00Z' };
  const line = { command: 'AdmitAgency', data };
  const lines = hostile.flatMap((value) => [
    value,
    withMember(line, 'zz', value),
    withMember(line, 'command', value),
    withMember(line, 'commandId', value),
    withMember(line, 'data', value),
    withMember(line, 'data', withMember(data, 'zz', value)),
    withMember(line, 'data', withMember(data, 'agencyId', value)),
  ]);
  const { status, text } = await held.current.ask('POST', '/import', {
    headers: { 'content-type': 'application/x-ndjson' },
    body: `${[...lines, JSON.stringify(line)].join('\n')}\n`,
  });
  expect(status).toBe(200);
  const outcomes = text
    .trimEnd()
    .split('\n')
    .map((outcome) => (JSON.parse(outcome) as { readonly status: string }).status);
  expect(outcomes.at(-1)).toBe('accepted');
  const taken = lines.filter((_, index) => outcomes[index] !== 'rejected');
  expect(taken.map((each) => each.slice(0, 100))).toEqual([]);
  expect(outcomes).toHaveLength(lines.length + 1);
});
