import type { CommanderError, Help } from 'commander';
import { language, said } from './language.js';
import { pageWidth, widthOf, wrap } from './layout.js';

/** Commander's own words, by the hooks that it has for them. */

/** The parts of a help that commander words itself, and widths of Chinese texts. */
export const helpWords: Partial<Help> = {
  helpWidth: pageWidth,
  displayWidth: widthOf,
  boxWrap: (text, width) => wrap(text, width).join('\n'),
  styleTitle: titleWords,
  styleUsage: (usage) => usage.replace('[options]', said('[options]', '[选项]')),
  optionDescription: ({
    argChoices,
    defaultValue,
    defaultValueDescription,
    description,
    envVar,
    optional,
    required,
  }) =>
    described(description, [
      ...choicesOf(argChoices),
      ...(defaultValue === undefined || !(required || optional)
        ? []
        : defaultOf(defaultValueDescription ?? JSON.stringify(defaultValue))),
      ...(envVar === undefined ? [] : [said(`env: ${envVar}`, `环境变量：${envVar}`)]),
    ]),
  argumentDescription: ({ argChoices, description }) =>
    described(description, choicesOf(argChoices)),
};

function titleWords(title: string): string {
  switch (title) {
    case 'Usage:':
      return said('Usage:', '用法：');
    case 'Arguments:':
      return said('Arguments:', '参数：');
    case 'Options:':
      return said('Options:', '选项：');
    default:
      return title;
  }
}

function choicesOf(choices: readonly string[] | undefined): string[] {
  if (choices === undefined) return [];
  const quoted = choices.map((choice) => JSON.stringify(choice)).join(', ');
  return [said(`choices: ${quoted}`, `可选值：${quoted}`)];
}

function defaultOf(value: string): string[] {
  return [said(`default: ${value}`, `默认：${value}`)];
}

function described(description: string, more: readonly string[]): string {
  if (more.length === 0) return description;
  return description + said(` (${more.join(', ')})`, `（${more.join('，')}）`);
}

/** An error of commander in the reader's language, and the line with what was perhaps meant. */
export function commanderErrorText({ code, message }: CommanderError): {
  readonly wrong: string;
  readonly meant: string | undefined;
} {
  const [first = '', suggestion] = message.split(/\n(?=\(Did you mean )/);
  const english = first.replace(/^error: /, '');
  const names = /^\(Did you mean (?:one of )?([^]*)\?\)$/.exec(suggestion ?? '')?.[1];
  return {
    wrong: language() === 'zh' ? chineseOf(code, english) : english,
    meant:
      names === undefined
        ? undefined
        : said(`(Did you mean ${names}?)`, `（是否想输入：${names}？）`),
  };
}

/** The Chinese of an error by its code; what was given stands between `'` in commander's text. */
function chineseOf(code: string, wrong: string): string {
  const [, one = '', , two = ''] = wrong.split("'");
  switch (code) {
    case 'commander.unknownCommand':
      return `未知命令 '${one}'`;
    case 'commander.unknownOption':
      return `未知选项 '${one}'`;
    case 'commander.missingArgument':
      return `缺少必需的参数 '${one}'`;
    case 'commander.optionMissingArgument':
      return `选项 '${one}' 缺少参数`;
    case 'commander.missingMandatoryOptionValue':
      return `未指定必需的选项 '${one}'`;
    case 'commander.excessArguments':
      return `参数过多（${one}）`;
    case 'commander.conflictingOption':
      return `选项 '${one}' 不能与 '${two}' 同时使用`;
    case 'commander.invalidArgument':
      return invalidWords(one, two, wrong);
    default:
      return wrong;
  }
}

function invalidWords(named: string, given: string, wrong: string): string {
  const [value, place] = wrong.startsWith('option') ? [given, named] : [named, given];
  const reason = wrong.replace(/^[^]*? is invalid(?: for argument '[^']*')?\. ?/, '');
  const choices = /^Allowed choices are ([^]*)\.$/.exec(reason)?.[1];
  const why = choices === undefined ? reason : `可选值：${choices}。`;
  return `'${place}' 的值 '${value}' 无效。${why}`;
}
