import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ledgerProgram, type Shell } from './transcript.js';

const runModule = pathToFileURL(join(__dirname, '../../dist/run.js')).href;
const loop = join(__dirname, 'run-shell-lines.mjs');

/** The verbs that start a service or a program, or follow one. */
const inItsOwnProcess = ['bench', 'follow', 'promote', 'serve'];

/** The built program in one process, which runs the command lines of a shell one after another. */
export class RunningProgram {
  private constructor(readonly process: ChildProcess) {}

  /** Starts it, and lets it run what `ledger` is in a shell. */
  static async in(shell: Shell): Promise<RunningProgram> {
    const child = spawn(process.execPath, [loop, runModule, ledgerProgram], {
      cwd: shell.folder,
      env: shell.env,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const [port] = (await once(child.stdout, 'data')) as [Buffer];
    const bin = join(shell.folder, '.bin');
    const script = `#!/bin/bash
for word; do
  case $word in
    ${inItsOwnProcess.join('|')}) exec '${process.execPath}' '${ledgerProgram}' "$@" ;;
  esac
done
file='${bin}'/$BASHPID
[[ /dev/fd/1 -ef /dev/fd/2 ]] && one=1 || one=0
printf '%s\\0' "$PWD" $one "$@" > "$file.line"
env -0 > "$file.env"
cat > "$file.in"
exec 3<> /dev/tcp/127.0.0.1/${port.toString().trim()}
echo "$file" >&3
read -r code <&3 || { echo "the program ended at: $*" >&2; exit 70; }
cat "$file.out"
cat "$file.err" >&2
exit "$code"
`;
    writeFileSync(join(bin, 'ledger'), script, { mode: 0o755 });
    return new RunningProgram(child);
  }

  async end(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const ended = once(this.process, 'exit');
    this.process.stdin?.end();
    await ended;
  }
}
