import type { Command, Option } from 'commander';
import { said } from '../terminal/language.js';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** A verb as a shell completes it, or one of its subcommands. */
interface Completed {
  /** `balance`, `appeal file` */
  readonly name: string;
  readonly summary: string;
  readonly options: readonly Option[];
  /** The values that an argument may have. */
  readonly choices: readonly string[];
  readonly subcommands: readonly Completed[];
}

/** Returns the script that completes a program's command lines in a shell. */
export function completionScript(command: Command, shell: Shell): string {
  const program = completed(command, '');
  switch (shell) {
    case 'bash':
      return bashScript(program);
    case 'zsh':
      return zshScript(program);
    case 'fish':
      return fishScript(program);
  }
}

function completed(command: Command, before: string): Completed {
  const name = before === '' ? command.name() : `${before} ${command.name()}`;
  return {
    name,
    summary: command.summary(),
    options: command.options.filter(({ hidden }) => !hidden),
    choices: command.registeredArguments.flatMap(({ argChoices = [] }) => argChoices),
    // The name of the program is not typed before a verb's.
    subcommands: command.commands.map((each) => completed(each, command.parent ? name : '')),
  };
}

const lastName = ({ name }: Completed): string => name.slice(name.lastIndexOf(' ') + 1);
const namesOf = ({ subcommands }: Completed): string[] => subcommands.map(lastName);
const longOf = (options: readonly Option[]): string[] => options.flatMap(({ long }) => long ?? []);

const wordsOf = (verb: Completed): string =>
  [...namesOf(verb), ...verb.choices, ...longOf(verb.options), '--help'].join(' ');

/** All verbs with their subcommands. */
const everyVerb = ({ subcommands }: Completed): Completed[] =>
  subcommands.flatMap((verb) => [verb, ...everyVerb(verb)]);

/** A text between single quotes, which no shell looks into. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** Says how a script is loaded, in its first lines. */
const loading = (typed: string): string => said(`Load it with: ${typed}`, `加载方式：${typed}`);

/** The values of an option: words of a list, files or folders, or what no shell knows. */
type Values = readonly string[] | 'files' | 'unknown';

/** The values that an option takes; `undefined` for one that takes none. */
function valuesOf({ argChoices, flags, optional, required }: Option): Values | undefined {
  if (argChoices !== undefined) return argChoices;
  if (!required && !optional) return undefined;
  // A ledger's URL is a path for the most part, behind `sqlite:`.
  return /[<[](?:file|folder|url)\b/.test(flags) ? 'files' : 'unknown';
}

/**
 * The options that take a value, with the patterns that fit the verb and the option before it. The
 * options of the program itself stand before and behind each verb.
 */
function valuePlaces(program: Completed): (readonly [pattern: string, values: Values])[] {
  const placesOf = (before: string, options: readonly Option[]) =>
    options.flatMap((option) => {
      const values = valuesOf(option);
      const names = [option.short, option.long].filter((name) => name !== undefined);
      const pattern = names.map((name) => `${before}${quoted(` ${name}`)}`).join(' | ');
      return values === undefined ? [] : [[pattern, values] as const];
    });
  return [
    ...everyVerb(program).flatMap(({ name, options }) => placesOf(quoted(name), options)),
    ...placesOf('*', program.options),
  ];
}

/** Finds the verb and its subcommand among the words, in bash and in zsh. */
function findVerb(program: Completed, typed: string): string {
  const cases = everyVerb(program).map(({ name }) => {
    const end = name.lastIndexOf(' ');
    return quoted(end === -1 ? ` ${name}` : name);
  });
  return `  local verb='' given offered
  for given in ${typed}; do
    case "$verb $given" in
      ${cases.join(' | ')}) verb="\${verb:+$verb }$given" ;;
    esac
  done`;
}

/** Completes verbs, options and values; where no word fits, bash completes the names of files. */
function bashScript(program: Completed): string {
  // Without a word that fits, bash offers files.
  const values = valuePlaces(program).map(
    ([pattern, listed]) =>
      `    ${pattern}) offered=${quoted(typeof listed === 'string' ? '' : listed.join(' '))} ;;`,
  );
  const verbs = everyVerb(program).map(
    (verb) => `    ${quoted(verb.name)}) offered=${quoted(wordsOf(verb))} ;;`,
  );
  return `# ${loading('source <(ledger completion bash)')}
_ledger() {
${findVerb(program, '"${COMP_WORDS[@]:1:COMP_CWORD-1}"')}
  case "$verb" in
    '') offered=${quoted(wordsOf(program))} ;;
${verbs.join('\n')}
  esac
  case "$verb \${COMP_WORDS[COMP_CWORD-1]}" in
${values.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$offered" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _ledger ledger
`;
}

function zshScript(program: Completed): string {
  // A colon parts a word from its description.
  const described = (verb: Completed): string =>
    quoted(`${lastName(verb)}:${verb.summary.replaceAll(':', '\\:')}`);
  const offers = (values: Values): string => {
    if (values === 'unknown') return 'return';
    return values === 'files' ? '_files; return' : `compadd -- ${values.join(' ')}; return`;
  };
  const values = valuePlaces(program).map(
    ([pattern, listed]) => `    ${pattern}) ${offers(listed)} ;;`,
  );
  const verbs = everyVerb(program).map(
    (verb) => `    ${quoted(verb.name)}) compadd -- ${wordsOf(verb)}; _files ;;`,
  );
  return `#compdef ledger
# ${loading('source <(ledger completion zsh)')}
_ledger() {
  local -a verbs
  verbs=(
    ${program.subcommands.map(described).join('\n    ')}
  )
${findVerb(program, '"${(@)words[2,CURRENT-1]}"')}
  case "$verb $words[CURRENT-1]" in
${values.join('\n')}
  esac
  case "$verb" in
    '')
      _describe verb verbs
      compadd -- ${[...longOf(program.options), '--help'].join(' ')}
      ;;
${verbs.join('\n')}
  esac
}
compdef _ledger ledger
`;
}

function fishScript(program: Completed): string {
  const seen = (names: readonly string[]): string =>
    `__fish_seen_subcommand_from ${names.join(' ')}`;
  const line = (condition: string, more: readonly string[], description: string): string =>
    [
      'complete -c ledger',
      ...(condition === '' ? [] : [`-n ${quoted(condition)}`]),
      ...more,
      `-d ${quoted(description)}`,
    ].join(' ');
  const valueIn = (values: Values | undefined): readonly string[] => {
    if (values === undefined) return [];
    if (values === 'unknown') return ['-x'];
    return values === 'files' ? ['-r -F'] : ['-x', `-a ${quoted(values.join(' '))}`];
  };
  const optionLine = (condition: string, option: Option): string => {
    const { description, long, short } = option;
    const names = [
      `-l ${String(long).slice(2)}`,
      ...(short !== undefined ? [`-s ${short.slice(1)}`] : []),
    ];
    return line(condition, [...names, ...valueIn(valuesOf(option))], description);
  };
  const linesOf = (verb: Completed, inside: readonly string[]): string[] => {
    const names = namesOf(verb);
    const condition = [...inside, ...(names.length === 0 ? [] : [`not ${seen(names)}`])].join(
      '; and ',
    );
    return [
      ...verb.subcommands.map((sub) => line(condition, ['-f', `-a ${lastName(sub)}`], sub.summary)),
      ...(verb.choices.length === 0
        ? []
        : [line(condition, ['-f', `-a ${quoted(verb.choices.join(' '))}`], verb.summary)]),
      // The program's own options stand anywhere.
      ...verb.options.map((option) => optionLine(inside.length === 0 ? '' : condition, option)),
      ...verb.subcommands.flatMap((sub) => linesOf(sub, [...inside, seen([lastName(sub)])])),
    ];
  };
  return `# ${loading('ledger completion fish | source')}
${linesOf(program, []).join('\n')}
`;
}
