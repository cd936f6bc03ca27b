import { aliMcn20180703, aliMcn20190307 } from './ali-mcn.js';
import { abcPoints } from './contrast.js';
import { douyinGuildHealth2022, douyinMcnCredit2022 } from './douyin.js';
import { sourceInBoth } from './source-texts.js';

/** Every text under `source`, `title` of a source, and `locator`. */
function sourcesIn(value: unknown, name = ''): readonly string[] {
  if (typeof value === 'string') return name === 'source' || name === 'locator' ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  const { title, locator } = value as Readonly<Record<string, unknown>>;
  return [
    ...(typeof title === 'string' && locator !== undefined ? [title] : []),
    ...Object.entries(value).flatMap(([key, each]) => sourcesIn(each, key)),
  ];
}

it.each([aliMcn20180703, aliMcn20190307, abcPoints, douyinGuildHealth2022, douyinMcnCredit2022])(
  'every source that $id $rulebookVersion names has a Chinese wording',
  (rulebook) => {
    const sources = [...new Set(sourcesIn(rulebook))];
    expect(sources.length).toBeGreaterThan(1);
    expect(sources.filter((text) => sourceInBoth(text).zh === text)).toEqual([]);
  },
);

it('leaves a source that a publisher wrote', () => {
  expect(sourceInBoth('constructor')).toEqual({ en: 'constructor', zh: 'constructor' });
});
