import {
  brokenBound,
  maxDepth,
  maxMembers,
  maxValues,
  misreadPlaces,
  misreadReasons,
} from '@penalty-ledger/application';
import {
  placeAndProblem,
  readCommandLine,
  type CommandLine,
  type LedgerCommand,
} from '@penalty-ledger/ledger';
import { validate } from 'class-validator';
import { ApiProblem } from './problems/api-problem.js';
import { instanceFrom } from './body-instance.js';
import type { InBoth, Language } from './language.js';
import {
  fieldProblems,
  firstOf,
  type FieldProblems,
  type PointedProblem,
} from './problems/validation-problems.js';

const boundTexts = {
  depth: {
    en: `body: nested deeper than ${maxDepth}`,
    zh: `请求体：嵌套超过 ${maxDepth} 层`,
  },
  members: {
    en: `body: an object has more than ${maxMembers.toLocaleString('en-US')} members`,
    zh: `请求体：一个对象的成员超过 ${maxMembers} 个`,
  },
  values: {
    en: `body: more than ${maxValues.toLocaleString('en-US')} members and items`,
    zh: `请求体：成员和列表项合计超过 ${maxValues} 个`,
  },
} as const;

/** Refuses a body that is too deep or too wide. @throws ApiProblem `invalid` */
export function assertBounded(text: string): void {
  const broken = brokenBound(text);
  if (broken !== undefined) throw new ApiProblem('invalid', boundTexts[broken]);
}

/**
 * Refuses a body that was read otherwise than it was written: a member that occurs twice, or a
 * number that was rounded to an integer.
 *
 * @param value the result of `JSON.parse`
 * @throws ApiProblem `invalid`, with a list of misread places
 */
export function assertReadAsWritten(text: string, value: unknown, language: Language): void {
  const places = misreadPlaces(text, value);
  if (places.length === 0) return;
  const problemsIn = (each: Language): FieldProblems =>
    firstOf(
      places.map(({ kind, path }) => ({
        path,
        constraint: kind,
        message: misreadReasons[kind][each],
      })),
    );
  throw refusal(problemsIn(language), {
    en: sentenceOf(problemsIn('en'), 'en'),
    zh: sentenceOf(problemsIn('zh'), 'zh'),
  });
}

/**
 * Checks a body against its class: every wrong place at once, in the language asked for.
 *
 * @throws ApiProblem `invalid` with a list of them
 */
export async function checkBody<Body extends object>(
  type: new () => Body,
  sent: unknown,
  language: Language,
): Promise<Body> {
  if (typeof sent !== 'object' || sent === null || Array.isArray(sent))
    throw new ApiProblem('invalid', {
      en: 'body: send a JSON object',
      zh: '请求体：须为 JSON 对象',
    });
  const body = instanceFrom(type, sent);
  const errors = await validate(body, {
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
  });
  if (errors.length > 0) {
    const problems = { en: fieldProblems(errors, 'en'), zh: fieldProblems(errors, 'zh') };
    throw refusal(problems[language], {
      en: sentenceOf(problems.en, 'en'),
      zh: sentenceOf(problems.zh, 'zh'),
    });
  }
  return body;
}

/**
 * Reads a command from a body. The domain's compiled schema judges it. A class, which refuses the
 * same (`test/api/fuzz`), is asked about a refused body alone, to name every wrong place in the
 * language asked for: class-validator took a sixteenth of a command's processor time.
 *
 * @throws ApiProblem `invalid`
 */
export async function readCommand(
  command: LedgerCommand['command'],
  sent: unknown,
  { by, commandId }: { readonly by: string; readonly commandId: string | undefined },
  { body, language }: { readonly body: new () => object; readonly language: Language },
): Promise<CommandLine> {
  const read = readCommandLine({
    command,
    by,
    data: sent,
    ...(commandId !== undefined && { commandId }),
  });
  if (read.problems === undefined) return read.line;
  await checkBody(body, sent, language);
  // The schema checks what the class does not, such as the content of a rulebook.
  const problems = (each: Language): FieldProblems =>
    firstOf(
      read.problems.map((problem) => {
        const { place, what } = placeAndProblem(problem);
        return {
          path: place.replace(/^(?:data|line)\.?/, ''),
          constraint: 'domain',
          message: what[each],
        };
      }),
    );
  throw refusal(problems(language), {
    en: sentenceOf(problems('en'), 'en'),
    zh: sentenceOf(problems('zh'), 'zh'),
  });
}

function sentenceOf({ named, more }: FieldProblems, language: Language): string {
  const sentences = named.map(
    ({ path, message }) => `${path === '' ? bodyNames[language] : path}: ${message}`,
  );
  if (more > 0) sentences.push(moreTexts[language](more.toLocaleString('en-US')));
  return sentences.join('; ');
}

const bodyNames = { en: 'body', zh: '请求体' } as const;

const moreTexts = {
  en: (count: string) => `and ${count} more`,
  zh: (count: string) => `另有 ${count} 处`,
} as const;

function refusal({ named }: FieldProblems, detail: InBoth): ApiProblem {
  const errors: PointedProblem[] = named.map((problem) => ({
    ...problem,
    pointer: pointerOf(problem.path),
  }));
  return new ApiProblem('invalid', detail, { errors });
}

/** `items[2].sha256` as `/items/2/sha256`. */
function pointerOf(path: string): string {
  if (path === '') return '';
  const parts = path.replaceAll(/\[(\d+)\]/g, '.$1').split('.');
  return parts.map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
