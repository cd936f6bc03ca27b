import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { QueryErrorSchema } from '@penalty-ledger/application';
import { findingSeverities, ruleLinkOf } from '@penalty-ledger/ledger';
import { findingTexts } from './finding-texts.js';
import { isProblemCode, problemCodes, problemDocument, problemText } from './problem-document.js';
import { serviceTexts } from './service-texts.js';

const libraries = join(__dirname, '../../../../../libs');

/** The members of a union of texts, read from the source: a type does not exist at run time. */
function membersOf(file: string, start: string): string[] {
  const source = readFileSync(join(libraries, file), 'utf8');
  const union = source.slice(source.indexOf(start) + start.length).split(';')[0]!;
  const members = [...union.matchAll(/'([a-z_]+)'/g)].map(([, code]) => code!);
  expect(members.length).toBeGreaterThan(0);
  return members;
}

const ofTheDomain = [
  ...membersOf('ledger/src/rejection.ts', 'export type RejectionCode ='),
  ...membersOf('ledger/src/erasure.ts', 'export type ErasureRefusal ='),
  ...QueryErrorSchema.properties.error.enum,
];
const breaches = Object.entries(findingSeverities)
  .filter(([, severity]) => severity === 'breach')
  .map(([code]) => code);

it('every code of the domain and of the service has an entry, and none is left over', () => {
  expect([...problemCodes].sort()).toEqual(
    [...new Set([...ofTheDomain, ...breaches, ...Object.keys(serviceTexts)])].sort(),
  );
});

it('the codes of the service are none of the domain’s', () => {
  expect(
    Object.keys(serviceTexts).filter((code) => [...ofTheDomain, ...breaches].includes(code)),
  ).toEqual([]);
});

it('every finding has a text, and no other', () => {
  expect(Object.keys(findingTexts).sort()).toEqual(Object.keys(findingSeverities).sort());
});

const texts = [
  ...problemCodes.map((code) => [code, problemText(code)] as const),
  ...Object.entries(findingTexts).map(
    ([code, text]) => [code, { status: 422, rule: `/${ruleLinkOf(code) ?? ''}`, ...text }] as const,
  ),
];

it.each(texts)(
  '%s says in both languages what it is and what to do, and names its rule',
  (_code, text) => {
    for (const said of [text.title, text.hint]) {
      expect(said.zh).toMatch(/\p{Script=Han}/u);
      expect(said.en).not.toMatch(/\p{Script=Han}/u);
      expect(said.en.length).toBeGreaterThan(5);
    }
    expect(text.hint.en).toMatch(/[.]$/);
    expect(text.hint.zh).toMatch(/。$/);
    expect(text.rule).toMatch(
      /^(\/docs\/[a-z]+\/[a-z-]+\.md#[\w-]+|https:\/\/www\.rfc-editor\.org\/rfc\/rfc\d+#section-[\d.]+)$/,
    );
    expect(text.status).toBeGreaterThanOrEqual(400);
    expect(text.status).toBeLessThan(600);
  },
);

/** The anchors of a Markdown text's headings. */
function anchorsOf(path: string): string[] {
  const text = readFileSync(join(libraries, '..', path), 'utf8');
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replaceAll(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );
}

it('a section that a rule links to exists', () => {
  const links = texts.map(([, { rule }]) => rule).filter((rule) => rule.startsWith('/docs/'));
  expect(links.length).toBeGreaterThan(40);
  const missing = links.filter((link) => {
    const [path = '', anchor = ''] = link.split('#');
    return !anchorsOf(path).includes(anchor);
  });
  expect(missing).toEqual([]);
});

it('makes a document of RFC 9457 in the language asked for', () => {
  const occurrence = {
    detail: { en: 'deduction "d1" was named by appeal "p1"', zh: '扣分 "d1" 已列入申诉 "p1"' },
    requestId: 'r-1',
  };
  expect(problemDocument('already_appealed', 'zh', occurrence)).toEqual({
    type: 'urn:penalty-ledger:problem:already_appealed',
    title: '已申诉过',
    status: 409,
    detail: '扣分 "d1" 已列入申诉 "p1"',
    instance: 'urn:penalty-ledger:request:r-1',
    code: 'already_appealed',
    rule: '/docs/spec/rules.md#7-appeals',
    hint:
      '每笔扣分只能申诉一次，撤回、失效或逾期的申诉也计入。' +
      '待清退期间可在最后一次申诉中再次列入。',
  });
  expect(problemDocument('too_many_requests', 'en')).toEqual({
    type: 'urn:penalty-ledger:problem:too_many_requests',
    title: 'Too many requests',
    status: 429,
    code: 'too_many_requests',
    rule: 'https://www.rfc-editor.org/rfc/rfc6585#section-4',
    hint: 'Wait as long as Retry-After says.',
  });
});

it('a breach is a problem, and a warning is none', () => {
  expect(isProblemCode('tariff_mismatch')).toBe(true);
  expect(isProblemCode('same_actor')).toBe(false);
  expect(isProblemCode('constructor')).toBe(false);
});
