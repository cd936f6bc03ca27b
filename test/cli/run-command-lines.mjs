// Runs many command lines of the built program in one process, because starting it takes most of a
// second. What it is given is a list of command lines, or nothing: then it prints the program's own
// table of verbs.

const [runModule, programModule, file] = process.argv.slice(2);
// Copies of ledgers are removed when the process ends, and here there are many.
process.setMaxListeners(0);
const readerGone =
  process.env.READER_GONE === '1'
    ? Object.assign(new Error('write EPIPE'), { code: 'EPIPE', syscall: 'write' })
    : undefined;
const print = process.stdout.write.bind(process.stdout);

if (file === undefined) {
  const { program } = await import(programModule);
  print(JSON.stringify((await program()).commands.map(verbOf)));
} else {
  const { readFileSync } = await import('node:fs');
  const { runProgram } = await import(runModule);
  const results = [];
  for (const args of JSON.parse(readFileSync(file, 'utf8')))
    results.push(await run(runProgram, args));
  restore();
  print(JSON.stringify(results));
}

/** A verb as the program knows it: its arguments and options, and its subcommands. */
function verbOf(command) {
  return {
    name: command.name(),
    arguments: command.registeredArguments.map((argument) => ({
      name: argument.name(),
      required: argument.required,
    })),
    options: command.options
      .filter(({ hidden }) => !hidden)
      .map(({ flags, long, mandatory }) => ({
        long,
        mandatory,
        takes: /<([^>]+)>/.exec(flags)?.[1],
      })),
    subcommands: command.commands.map(verbOf),
  };
}

async function run(runProgram, args) {
  const printed = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'])
    process[name].write = (text) => {
      if (name === 'stdout' && readerGone !== undefined) {
        process.nextTick(() => process.stdout.emit('error', readerGone));
        return false;
      }
      printed[name] += text;
      return true;
    };
  const env = { ...process.env };
  process.exitCode = 0;
  await runProgram(args);
  const exitCode = process.exitCode;
  process.exitCode = 0;
  for (const name of ['LEDGER_KEYS', 'LEDGER_ACCESS', 'LEDGER_ALLOW_INSECURE'])
    if (env[name] === undefined) delete process.env[name];
    else process.env[name] = env[name];
  return { args, exitCode, ...printed };
}

function restore() {
  process.stdout.write = print;
}
