import { idIn, idsIn } from './cell-ids.js';
import { cleaned, nameIn, textIn, labelIn } from './cell-text.js';

it('trims blanks and invisible characters at the edges, and gives NFC', () => {
  expect(cleaned('\ufeff\u3000\u200b 美妆\u00a0\u200e\n')).toBe('美妆');
  expect(cleaned('e\u0301')).toBe('\u00e9');
  expect(cleaned('\u200b\u2060')).toBe('');
  expect(cleaned('❤️')).toBe('❤️');
});

it('refuses invisible characters inside a name, and says which', () => {
  expect(nameIn('美\u200b妆')).toEqual({
    problem: {
      en: String.raw`"美\u200b妆" has the invisible character U+200B inside; remove it`,
      zh: String.raw`"美\u200b妆" 中含有不可见字符 U+200B；请删除`,
    },
  });
  for (const character of ['\u00ad', '\u00a0', '\n', '\t', '\u202e', '\u3164', '\u{e0061}'])
    expect(nameIn(`a${character}b`).problem?.en).toMatch(/invisible character U\+/);
  expect(nameIn('食\ufffd').problem?.en).toMatch(/a lost character/);
  for (const name of ['美妆, "彩妆"', '全 角\u3000名', '👩‍❤️‍👨 小满', 'Ünal', '䶮𠮷'])
    expect(nameIn(name)).toEqual({ value: name });
  expect(textIn('第一行\n第二行')).toEqual({ value: '第一行\n第二行' });
  expect(textIn('a\u202eb').problem?.en).toMatch(/U\+202E/);
});

it('takes words in either language', () => {
  const labels = { upheld: ['成立'], dismissed: ['不成立'] };
  expect(labelIn('成立', labels)).toEqual({ value: 'upheld' });
  expect(labelIn('Dismissed', labels)).toEqual({ value: 'dismissed' });
  expect(labelIn('maybe', labels)).toEqual({
    problem: {
      en: '"maybe" is not one of upheld 成立, dismissed 不成立',
      zh: '"maybe" 不是以下之一：upheld 成立、dismissed 不成立',
    },
  });
});

describe('an id that a spreadsheet rounded', () => {
  it.each(['201904011112345000', '1234567890123450', '2.01904E+17', '2e+05', '1.2E+3'])(
    'is refused: %s',
    (id) => {
      expect(idIn(id).problem?.en).toMatch(/take the ids from their source/);
    },
  );

  it.each(['201904011112345671', '100000000000000', 'zb-1', '2019E', 's1000000000000000', '1e5'])(
    'is not %s',
    (id) => {
      expect(idIn(id)).toEqual({ value: id });
    },
  );

  it('is taken where the ids are known to be exact, and refused in a list of ids', () => {
    expect(idIn('201904011112345000', true)).toEqual({ value: '201904011112345000' });
    expect(idsIn('d1、d2；d3')).toEqual({ value: ['d1', 'd2', 'd3'] });
    expect(idsIn('d1;201904011112345000').problem?.en).toMatch(/rounds an id/);
  });
});

it('takes the selector of an emoji, and no other', () => {
  expect(cleaned('\ufe0f食品\ufe0f')).toBe('食品');
  for (const emoji of ['❤\ufe0f', '1\ufe0f\u20e3', '❤\ufe0f\u200d🔥', '🏳\ufe0f\u200d🌈 a']) {
    expect(cleaned(emoji)).toBe(emoji);
    expect(nameIn(emoji)).toEqual({ value: emoji });
  }
  for (const read of [nameIn, textIn])
    expect(read('食\ufe0f品').problem?.en).toMatch(/has the invisible character U\+FE0F inside/);
});
