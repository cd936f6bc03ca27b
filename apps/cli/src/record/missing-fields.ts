import { checkOf } from '@penalty-ledger/ledger';
import { ask, canAsk } from '../terminal/ask.js';
import { UsageError } from '../terminal/exit-codes.js';
import { note } from '../terminal/io.js';
import { said, saidIn } from '../terminal/language.js';
import { listed } from '../terminal/words.js';
import { valueOf, type CommandField } from './command-fields.js';

/**
 * Asks a person for each required field that was not given, until its value has the right form.
 *
 * @throws UsageError that names all of them without a terminal, and when the person stops
 */
export async function askForMissing(
  command: string,
  fields: readonly CommandField[],
  given: ReadonlyMap<CommandField, unknown>,
): Promise<ReadonlyMap<CommandField, unknown>> {
  const missing = fields.filter((field) => field.required && !given.has(field));
  if (missing.length === 0) return given;
  if (!canAsk()) {
    const named = listed(missing.map(({ option }) => option));
    throw new UsageError(
      said(`${command}: missing ${named}`, `${command}：缺少 ${named}`),
      said(
        `give them, or run it at a terminal; see "record ${command} --help"`,
        `请补充，或在终端中运行；参见 "record ${command} --help"`,
      ),
    );
  }
  const values = new Map(given);
  for (const field of missing) values.set(field, await askForField(field));
  return values;
}

async function askForField(field: CommandField): Promise<unknown> {
  const name = field.path.join('.');
  const check = checkOf(field.schema, name);
  const what = saidIn(field.description);
  for (;;) {
    const typed = await ask(said(`${name} (${what}):`, `${name}（${what}）：`));
    if (typed === undefined)
      throw new UsageError(said('stopped; nothing was recorded', '已停止，未记录任何内容'));
    const value = valueOf(field, typed.trim());
    const problems = check(value);
    if (problems.length === 0) return value;
    for (const problem of problems) note(saidIn(problem));
  }
}
