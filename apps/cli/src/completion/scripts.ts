import type { Command, Option } from 'commander';
import { said } from '../terminal/language.js';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** A verb as a shell completes it. */
interface Completed {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly Option[];
  /** The values that an argument or an option may have. */
  readonly choices: readonly string[];
}

/** Returns the script that completes a program's command lines in a shell. */
export function completionScript(program: Command, shell: Shell): string {
  const verbs = program.commands.map(completed);
  const general = program.options.filter(({ hidden }) => !hidden);
  switch (shell) {
    case 'bash':
      return bashScript(verbs, general);
    case 'zsh':
      return zshScript(verbs, general);
    case 'fish':
      return fishScript(verbs, general);
  }
}

function completed(verb: Command): Completed {
  const options = verb.options.filter(({ hidden }) => !hidden);
  const choices = [...verb.registeredArguments, ...options].flatMap(
    ({ argChoices = [] }) => argChoices,
  );
  return { name: verb.name(), summary: verb.summary(), options, choices };
}

const longOf = (options: readonly Option[]): string[] => options.flatMap(({ long }) => long ?? []);

const wordsOf = ({ options, choices }: Completed): string =>
  [...choices, ...longOf(options), '--help'].join(' ');

const beginningOf = (verbs: readonly Completed[], general: readonly Option[]): string =>
  [...verbs.map(({ name }) => name), ...longOf(general), '--help'].join(' ');

/** A text between single quotes, which no shell looks into. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** Says how a script is loaded, in its first lines. */
const loading = (typed: string): string => said(`Load it with: ${typed}`, `加载方式：${typed}`);

/** Completes verbs, options and values; where no word fits, bash completes the names of files. */
function bashScript(verbs: readonly Completed[], general: readonly Option[]): string {
  const cases = verbs.map((verb) => `    ${verb.name}) offered=${quoted(wordsOf(verb))} ;;`);
  return `# ${loading('source <(ledger completion bash)')}
_ledger() {
  local verb='' given offered
  for given in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$given" in
      -*) ;;
      *) verb="$given"; break ;;
    esac
  done
  case "$verb" in
    '') offered=${quoted(beginningOf(verbs, general))} ;;
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$offered" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _ledger ledger
`;
}

function zshScript(verbs: readonly Completed[], general: readonly Option[]): string {
  // A colon parts a word from its description.
  const described = verbs.map(({ name, summary }) =>
    quoted(`${name}:${summary.replaceAll(':', '\\:')}`),
  );
  const cases = verbs.map((verb) => `    ${verb.name}) compadd -- ${wordsOf(verb)}; _files ;;`);
  return `#compdef ledger
# ${loading('source <(ledger completion zsh)')}
_ledger() {
  local -a verbs
  verbs=(
    ${described.join('\n    ')}
  )
  if (( CURRENT == 2 )); then
    _describe verb verbs
    compadd -- ${[...longOf(general), '--help'].join(' ')}
    return
  fi
  case "$words[2]" in
${cases.join('\n')}
  esac
}
compdef _ledger ledger
`;
}

function fishScript(verbs: readonly Completed[], general: readonly Option[]): string {
  const optionLine = (condition: string, { long, description, required }: Option): string =>
    `complete -c ledger -n ${quoted(condition)} -l ${String(long).slice(2)} ` +
    `-d ${quoted(description)}${required ? ' -r' : ''}`;
  const first = '__fish_use_subcommand';
  return `# ${loading('ledger completion fish | source')}
${[
  ...verbs.map(
    ({ name, summary }) =>
      `complete -c ledger -n ${quoted(first)} -f -a ${name} -d ${quoted(summary)}`,
  ),
  ...general.map((option) => optionLine(first, option)),
  ...verbs.flatMap(({ name, options, choices }) => {
    const seen = `__fish_seen_subcommand_from ${name}`;
    return [
      ...(choices.length === 0
        ? []
        : [`complete -c ledger -n ${quoted(seen)} -a ${quoted(choices.join(' '))}`]),
      ...options.map((option) => optionLine(seen, option)),
    ];
  }),
].join('\n')}
`;
}
