import { problemCodes, problemDocument } from './problem-document.js';

// What people and programs are answered with: a change of it is seen in review, in both languages.
it.each(problemCodes)('%s is answered with these documents', (code) => {
  const occurrence = {
    detail: {
      en: 'agency "a1" is expelled at 2026-02-10T10:00:00.000+08:00',
      zh: '机构 "a1" 于 2026-02-10T10:00:00.000+08:00 已被清退',
    },
    requestId: 'r-1',
  };
  expect({
    en: problemDocument(code, 'en', occurrence),
    zh: problemDocument(code, 'zh', occurrence),
  }).toMatchSnapshot();
});
