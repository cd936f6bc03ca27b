import { Argument, type Command } from 'commander';
import { exitCodes, UsageError } from '../terminal/exit-codes.js';
import { note, printJson, printLine, printPage } from '../terminal/io.js';
import { addVerb, jsonOption } from '../verb.js';

interface RulebookOptions {
  readonly json?: boolean;
  readonly line?: boolean;
}

export function addTo(program: Command): void {
  const verb = addVerb(program, 'rulebook', {
    summary: 'explain a rulebook of your own, and try it on a sample before it is published',
    details:
      'Reads a rulebook (docs/spec/rulebook.md) as JSON. Explains every account, clause and ' +
      'parameter with its source, and marks what is assumed. Then tries it on a sample agency, ' +
      'without a ledger. Exits with 1, and names each place, if it cannot be published.\n' +
      '"print" prints a rulebook that comes with the program, to publish it or to begin with.',
    examples: [
      'rulebook print douyin-mcn-credit > mine.json',
      'rulebook print ali-mcn 2018-07-03',
      'rulebook check mine.json',
      'rulebook check mine.json --line | ledger import -',
    ],
  });
  verb
    .addArgument(new Argument('<action>', 'what to do').choices(['check', 'print']))
    .argument(
      '<file...>',
      'the rulebook; for "print" the id, and a version, of one that comes with the program',
    )
    .option('--line', 'print the command line that publishes it, for "ledger import"')
    .addOption(jsonOption())
    .action(
      async (
        action: 'check' | 'print',
        [file = '', version, ...more]: readonly string[],
        options: RulebookOptions,
      ) => {
        const [unread] = action === 'print' ? more : [version, ...more];
        if (unread !== undefined)
          throw new UsageError(
            `"${unread}" is not read`,
            '"check" takes one file; "print" takes an id and a version',
          );
        if (action === 'print') {
          const { shippedRulebook } = await import('./shipped.js');
          return printLine(JSON.stringify(shippedRulebook(file, version), null, 2));
        }
        const { readRulebook } = await import('./rulebook-file.js');
        const read = await readRulebook(file);
        if (read.problems !== undefined) {
          process.exitCode = exitCodes.no;
          for (const problem of read.problems) note(`error: ${problem}`);
          note('hint: docs/spec/rulebook.md has every member, with an example');
          return options.json === true ? printJson({ problems: read.problems }) : undefined;
        }
        const { document } = read;
        if (options.line === true)
          return printLine(
            JSON.stringify({ command: 'PublishRulebook', data: { rulebook: document } }),
          );
        const { triedOn } = await import('./sample.js');
        const { rulebookJson, rulebookPage } = await import('./page.js');
        const sample = document.accounts.map((account) => triedOn(document, account));
        return options.json === true
          ? printJson(rulebookJson(document, sample))
          : printPage(rulebookPage(document, sample));
      },
    );
}
