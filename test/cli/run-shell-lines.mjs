// Runs the command lines of shells in one process, because starting the program takes longer than
// most of them. What one leaves behind in the process is undone before the next: its environment,
// folder, standard streams, handlers of the process's end and subscriptions. A shell sends the path
// that the names of its files begin with, and is sent the exit code.

import { Buffer } from 'node:buffer';
import { createReadStream, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { createRequire, syncBuiltinESMExports } from 'node:module';

const [runModule, program] = process.argv.slice(2);
const diagnostics = createRequire(import.meta.url)('node:diagnostics_channel');
const endings = ['exit', 'SIGHUP', 'SIGINT', 'SIGTERM'];

const subscriptions = [];
const { subscribe, unsubscribe } = diagnostics;
diagnostics.subscribe = (...given) => {
  subscriptions.push(given);
  subscribe(...given);
};
syncBuiltinESMExports();

const { runProgram } = await import(runModule);

async function run(file) {
  const [folder, isOneOutput, ...args] = textsIn(`${file}.line`);
  const outputs = { stdout: [], stderr: [] };
  // With `2>&1` the order of both is seen.
  if (isOneOutput === '1') outputs.stderr = outputs.stdout;
  const before = {
    argv: process.argv,
    cwd: process.cwd(),
    env: { ...process.env },
    writes: [process.stdout.write, process.stderr.write],
    listeners: endings.map((name) => process.listeners(name)),
  };
  for (const [name, chunks] of Object.entries(outputs))
    process[name].write = (chunk) => {
      chunks.push(Buffer.from(chunk));
      return true;
    };
  const input = createReadStream(`${file}.in`);
  Object.defineProperty(process, 'stdin', { value: input, configurable: true });
  become(textsIn(`${file}.env`).map((text) => /^([^=]*)=([^]*)$/.exec(text).slice(1)));
  process.chdir(folder);
  process.argv = [process.execPath, program, ...args];
  process.exitCode = 0;
  let code;
  try {
    await runProgram(args);
    endOf(before.listeners);
  } finally {
    code = process.exitCode;
    input.destroy();
    [process.stdout.write, process.stderr.write] = before.writes;
    become(Object.entries(before.env));
    process.chdir(before.cwd);
    process.argv = before.argv;
    process.exitCode = 0;
    for (const given of subscriptions.splice(0)) unsubscribe(...given);
  }
  writeFileSync(`${file}.out`, Buffer.concat(outputs.stdout));
  writeFileSync(`${file}.err`, isOneOutput === '1' ? '' : Buffer.concat(outputs.stderr));
  return code;
}

const textsIn = (file) => readFileSync(file, 'utf8').split('\0').slice(0, -1);

function become(environment) {
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, Object.fromEntries(environment));
}

/** Does what a command left to do at the end of its process. */
function endOf(before) {
  for (const [index, name] of endings.entries())
    for (const listener of process.listeners(name))
      if (!before[index].includes(listener)) {
        process.removeListener(name, listener);
        if (name === 'exit') listener(process.exitCode);
      }
}

let last = Promise.resolve();
const server = createServer((socket) => {
  socket.setEncoding('utf8');
  let asked = '';
  socket.on('error', () => undefined);
  socket.on('data', (text) => {
    asked += text;
    if (!asked.endsWith('\n')) return;
    last = last.then(async () => socket.end(`${String(await run(asked.trimEnd()))}\n`));
  });
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${String(server.address().port)}\n`));
// What started it has ended.
process.stdin.on('end', () => process.exit()).resume();
