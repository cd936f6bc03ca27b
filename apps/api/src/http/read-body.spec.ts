import { IsObject } from 'class-validator';
import { ApiProblem } from './problems/api-problem.js';
import { AnInstant, Id, MayBeMissing, Part, Parts, IntegerFrom } from './fields.js';
import { assertBounded, checkBody } from './read-body.js';

class NoticeBody {
  @Id() readonly noticeId!: string;
}

class ItemBody {
  @IntegerFrom(0, 9) readonly count!: number;
  @MayBeMissing() @Part(() => NoticeBody) readonly notice?: NoticeBody;
}

class Measured {
  @MayBeMissing() @Parts(() => ItemBody, 1, 3) readonly items?: ItemBody[];
}

class Body extends Measured {
  @Id() readonly agencyId!: string;
  @MayBeMissing() @AnInstant() readonly at?: string;
  @MayBeMissing() @IsObject() readonly document?: object;
}

/** A body as it comes: from the text that was sent. */
const sent = (text: string): unknown => JSON.parse(text);

async function problemsOf(text: string, language: 'en' | 'zh' = 'en'): Promise<string[]> {
  try {
    await checkBody(Body, sent(text), language);
    return [];
  } catch (error) {
    if (!(error instanceof ApiProblem)) throw error;
    const errors = error.extras.errors ?? [];
    return errors.map(({ pointer, constraint, message }) => `${pointer} ${constraint}: ${message}`);
  }
}

it('a body that fits is an instance of its class, and so is every part of it', async () => {
  const text = '{"agencyId":"a1","items":[{"count":1,"notice":{"noticeId":"n1"}}]}';
  const body = await checkBody(Body, sent(text), 'en');
  expect(body).toBeInstanceOf(Body);
  expect(body.items![0]).toBeInstanceOf(ItemBody);
  expect(body.items![0]!.notice).toBeInstanceOf(NoticeBody);
  expect(JSON.parse(JSON.stringify(body))).toEqual(sent(text));
});

it('every wrong place is named, in parts too, in the language asked for', async () => {
  const text =
    '{"agencyId":"a 1","other":1,"items":[{"count":1},{"count":10,"x":0,"notice":{"noticeId":7}}]}';
  expect(await problemsOf(text)).toEqual([
    '/other unknown_field: there is no such field; leave it out',
    '/agencyId id: give an id: 1–64 characters of A–Z a–z 0–9 . _ : -',
    '/items/1/x unknown_field: there is no such field; leave it out',
    '/items/1/count integer: give an integer from 0 to 9',
    '/items/1/notice/noticeId id: give an id: 1–64 characters of A–Z a–z 0–9 . _ : -',
  ]);
  expect(await problemsOf(text, 'zh')).toEqual([
    '/other unknown_field: 没有该字段，请删除',
    '/agencyId id: 须为编号：1 至 64 个字符，限 A–Z a–z 0–9 . _ : -',
    '/items/1/x unknown_field: 没有该字段，请删除',
    '/items/1/count integer: 须为 0 至 9 的整数',
    '/items/1/notice/noticeId id: 须为编号：1 至 64 个字符，限 A–Z a–z 0–9 . _ : -',
  ]);
});

it.each<[what: string, members: string, places: readonly string[]]>([
  [
    'an object for a list',
    '"items":{"count":1}',
    ['/items isArray', '/items arrayMinSize', '/items arrayMaxSize'],
  ],
  ['an empty list', '"items":[]', ['/items arrayMinSize']],
  [
    'other things in a list of objects',
    '"items":[null,1,"x"]',
    ['/items/0 nestedValidation', '/items/1 nestedValidation', '/items/2 nestedValidation'],
  ],
  ['a list in a list', '"items":[[{"count":99}]]', ['/items/0/0/count integer']],
  [
    'a text for a part',
    '"items":[{"count":1,"notice":"n1"}]',
    ['/items/0/notice nestedValidation'],
  ],
  ['null for a part', '"items":[{"count":1,"notice":null}]', ['/items/0/notice nestedValidation']],
  ['a list for a document', '"document":[]', ['/document isObject']],
])('refuses %s, and says where', async (_, members, places) => {
  const problems = await problemsOf(`{"agencyId":"a1",${members}}`);
  expect(problems.map((problem) => problem.split(':')[0])).toEqual(places);
});

describe('names that every object has', () => {
  it('are never members of a body, nor of its parts', async () => {
    const hostile = '"constructor":{"x":1},"__proto__":{"agencyId":"a2"},"toString":1';
    const text = `{"agencyId":"a1",${hostile},"items":[{"count":1,${hostile}}]}`;
    const body = await checkBody(Body, sent(text), 'en');
    expect(Object.getPrototypeOf(body)).toBe(Body.prototype);
    expect(Object.getPrototypeOf(body.items![0])).toBe(ItemBody.prototype);
    expect(JSON.parse(JSON.stringify(body))).toEqual({ agencyId: 'a1', items: [{ count: 1 }] });
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  it('give no field its value', async () => {
    expect(await problemsOf('{"__proto__":{"agencyId":"a2"}}')).toHaveLength(1);
  });

  it('stay in a document, which its own schema checks', async () => {
    const text = '{"agencyId":"a1","document":{"constructor":"x","a":[{"constructor":null}]}}';
    const { document } = await checkBody(Body, sent(text), 'en');
    expect(JSON.stringify(document)).toBe('{"constructor":"x","a":[{"constructor":null}]}');
  });
});

describe('a body is refused before anything is made of it', () => {
  const read = (text: string) => () => assertBounded(text);

  it('when it is nested deeper than 32', async () => {
    const nested = (depth: number) =>
      `{"agencyId":"a1","document":${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}}`;
    expect(read(nested(31))).not.toThrow();
    expect(await problemsOf(nested(31))).toEqual([]);
    expect(read(nested(32))).toThrow('body: nested deeper than 32');
  });

  it('when it has more than 40,000 members and items', () => {
    const items = (count: number) => `{"items":[${'{},'.repeat(count - 1)}{}]}`;
    expect(read(items(39_999))).not.toThrow();
    expect(read(items(40_000))).toThrow('body: more than 40,000 members and items');
  });
});

it('a list that is too long is refused for its length, and not item by item', async () => {
  const text = `{"agencyId":"a1","items":[${'{},'.repeat(30_000)}{}]}`;
  const problems = await problemsOf(text);
  expect(problems[0]).toMatch(/^\/items arrayMaxSize: /);
  expect(problems.length).toBeLessThan(10);
});

it('of many problems a hundred are named, and the others are counted', async () => {
  const names = Array.from({ length: 30_000 }, (_, n) => `"x${n}":1`).join(',');
  const refused = checkBody(Body, sent(`{"agencyId":"a1",${names}}`), 'en');
  const problem = (await refused.catch((error: unknown) => error)) as ApiProblem;
  expect(problem.extras.errors).toHaveLength(100);
  expect(problem.message).toMatch(/; and 29,900 more$/);
});

it('the name of a member is repeated up to 200 characters', async () => {
  expect(await problemsOf(`{"agencyId":"a1","${'x'.repeat(100_000)}":1}`)).toEqual([
    expect.stringMatching(/^\/x{200}… unknown_field: /),
  ]);
});
