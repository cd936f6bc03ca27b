import { languageOf } from './language.js';

it.each([
  [undefined, 'en'],
  ['', 'en'],
  ['zh', 'zh'],
  ['zh-CN', 'zh'],
  ['zh-Hans-CN,zh;q=0.9,en;q=0.8', 'zh'],
  ['en-GB, zh;q=0.9', 'en'],
  ['en;q=0.1, zh;q=0.2', 'zh'],
  ['fr, de;q=0.9, zh;q=0.1', 'zh'],
  ['zh, en', 'zh'],
  ['en, zh', 'en'],
  ['fr', 'en'],
  ['*', 'en'],
  ['zh;q=0', 'en'],
  ['zh;q=0, *', 'en'],
  ['*;q=0.5, ZH-tw', 'zh'],
  ['zh;q=2, en;q=0.1', 'en'],
  ['zh ; q=0.7 , en ; q=0.6', 'zh'],
  [`${'fr,'.repeat(100_000)}zh`, 'en'],
  ['zh;q=x;;;,,,', 'en'],
] as const)('Accept-Language %j asks for %s', (header, language) => {
  expect(languageOf(header)).toBe(language);
});
