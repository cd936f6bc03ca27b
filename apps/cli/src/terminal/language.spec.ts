import { languageAsked, said, speak } from './language.js';

afterEach(() => speak('en'));

it('speaks the language that --lang names, the last one given', () => {
  expect(languageAsked(['balance', 'a1', '--lang', 'zh'], {})).toBe('zh');
  expect(languageAsked(['--lang=zh', 'balance', '--lang=en'], { LANG: 'zh_CN.UTF-8' })).toBe('en');
});

it('speaks the language of the locale where --lang is not given', () => {
  expect(languageAsked([], { LANG: 'zh_CN.UTF-8' })).toBe('zh');
  expect(languageAsked([], { LC_ALL: '', LC_MESSAGES: 'zh', LANG: 'de_DE' })).toBe('zh');
  expect(languageAsked([], { LC_ALL: 'C.UTF-8', LANG: 'zh_CN.UTF-8' })).toBe('en');
  expect(languageAsked([], { LANG: 'zhuang' })).toBe('en');
  expect(languageAsked([], {})).toBe('en');
});

it('takes no language from behind --, nor one it does not speak', () => {
  expect(languageAsked(['x', '--', '--lang', 'zh'], {})).toBe('en');
  expect(languageAsked(['--lang', 'fr'], { LANG: 'zh_TW' })).toBe('zh');
});

it('says a text in the language that was set', () => {
  expect(said('balance', '积分')).toBe('balance');
  speak('zh');
  expect(said('balance', '积分')).toBe('积分');
});
