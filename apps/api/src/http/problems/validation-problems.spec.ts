import * as checks from 'class-validator';
import {
  ArrayMinSize,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Matches,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { constraintTexts } from './constraint-texts.js';
import { fieldProblems } from './validation-problems.js';

class Item {
  @Matches(/^[0-9a-f]{64}$/, {
    context: { en: 'give 64 hexadecimal digits', zh: '须为 64 位十六进制' },
  })
  sha256 = '';
}

class Body {
  @IsInt()
  @Min(1)
  @Max(120)
  points: unknown = 1;

  @IsIn(['ordinary', 'last_chance'])
  kind: unknown = 'ordinary';

  @ArrayMinSize(1)
  @IsString({ each: true })
  names: unknown = ['x'];

  @IsOptional()
  @ValidateNested({ each: true })
  items?: unknown;

  @checks.IsHexColor()
  colour = '#fff';
}

function problemsOf(sent: object, language: 'en' | 'zh', parent?: string) {
  const options = { whitelist: true, forbidNonWhitelisted: true };
  return fieldProblems(
    checks.validateSync(Object.assign(new Body(), sent), options),
    language,
    parent,
  ).named;
}

it('lists every problem with its path, in the language asked for', () => {
  const sent = {
    points: 121,
    kind: 'other',
    names: [],
    items: [Object.assign(new Item(), { sha256: 'x' })],
    extra: 1,
  };
  const messages = (language: 'en' | 'zh') =>
    problemsOf(sent, language, 'data').map(({ path, message }) => `${path}: ${message}`);
  expect(messages('en').sort()).toEqual([
    'data.extra: there is no such field; leave it out',
    'data.items[0].sha256: give 64 hexadecimal digits',
    'data.kind: give one of "ordinary", "last_chance"',
    'data.names: give at least 1 items',
    'data.points: give no more than 120',
  ]);
  expect(messages('zh').sort()).toEqual([
    'data.extra: 没有该字段，请删除',
    'data.items[0].sha256: 须为 64 位十六进制',
    'data.kind: 须为以下之一："ordinary", "last_chance"',
    'data.names: 至少 1 项',
    'data.points: 不得大于 120',
  ]);
});

it('lists each failed check of one field', () => {
  const found = problemsOf({ points: 'many' }, 'en').map(({ constraint }) => constraint);
  expect(found.sort()).toEqual(['isInt', 'max', 'min']);
});

it('names the first hundred of many problems, and counts the others', () => {
  const sent = Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`x${n}`, 0]));
  const errors = checks.validateSync(Object.assign(new Body(), sent), {
    whitelist: true,
    forbidNonWhitelisted: true,
  });
  const { named, more } = fieldProblems(errors, 'en');
  expect(named.slice(0, 2).map(({ path }) => path)).toEqual(['x0', 'x1']);
  expect({ named: named.length, more }).toEqual({ named: 100, more: 900 });
});

it('never repeats what was sent', () => {
  const secret = '张三13800000000';
  const sent = {
    points: secret,
    kind: secret,
    names: secret,
    items: secret,
    colour: secret,
    [secret.slice(0, 2)]: 1,
  };
  for (const language of ['en', 'zh'] as const) {
    expect(problemsOf(sent, language).length).toBeGreaterThan(5);
    for (const { message } of problemsOf(sent, language)) expect(message).not.toContain(secret);
  }
});

it('keeps the English message of a check that the table does not know', () => {
  expect(problemsOf({ colour: 'x' }, 'zh')).toEqual([
    { path: 'colour', constraint: 'isHexColor', message: 'colour must be a hexadecimal color' },
  ]);
});

it('the table names checks that class-validator has', () => {
  const names = new Set<unknown>([
    ...Object.values(checks),
    'whitelistValidation',
    'unknownValue',
    'nestedValidation',
  ]);
  expect(Object.keys(constraintTexts).filter((name) => !names.has(name))).toEqual([]);
});
