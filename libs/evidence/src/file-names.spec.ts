import { fileNameOf, isFileName } from './file-names.js';

test.each([
  ['screenshot.png', 'screenshot.png'],
  ['/home/officer/证据/截图 1.png', '截图 1.png'],
  ['C:\\cases\\notice.pdf', 'notice.pdf'],
  ['../..', undefined],
  ['', undefined],
  ['folder/', undefined],
  ['.hidden. ', 'hidden'],
  ['a\u0000b\u001b[2J.png', 'a_b_[2J.png'],
  ['a\u202egnp.exe', 'a_gnp.exe'],
  ['a:b*c?.png', 'a_b_c_.png'],
  ['con', '_con'],
  ['Aux.tar.gz', '_Aux.tar.gz'],
  ['com1.png', '_com1.png'],
  ['console.log', 'console.log'],
  ['\ud800.png', '_.png'],
  ['é'.repeat(200), 'é'.repeat(100)],
  [`${'中'.repeat(80)}.jpeg`, `${'中'.repeat(65)}.jpeg`],
])('the file %j has the name %j in a pack', (path, name) => {
  expect(fileNameOf(path)).toBe(name);
  if (name !== undefined) expect(isFileName(name)).toBe(true);
});

test.each(['', '.', 'a/b', 'a\\b', 'NUL', 'lpt9.txt', 'a.', ' a', 'a\u200bb', '中'.repeat(67), 5])(
  '%j is no name that a file can have everywhere',
  (name) => {
    expect(isFileName(name)).toBe(false);
  },
);
