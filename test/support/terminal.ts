import { spawnSync } from 'node:child_process';
import { isInCi } from './ci.js';

/** A thing that a person does at a terminal: waits for a text, then types. */
export interface Typing {
  readonly after: string;
  readonly type: string;
}

/** A terminal after its command has ended: everything that it showed, and the exit code. */
export interface Shown {
  readonly shown: string;
  readonly status: number | null;
}

export interface TerminalOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly rows?: number;
  readonly columns?: number;
}

/** The keys that end a question. */
export const keys = { enter: '\r', interrupt: '\u0003', tab: '\t', end: '\u0004' } as const;

/** Runs a command at a terminal of its own: a pseudo-terminal, which Python's library opens. */
const program = `
import fcntl, json, os, pty, signal, struct, sys, termios
asked = json.loads(sys.argv[1])
pid, terminal = pty.fork()
if pid == 0:
    size = struct.pack("HHHH", asked["rows"], asked["columns"], 0, 0)
    fcntl.ioctl(0, termios.TIOCSWINSZ, size)
    os.execvp("bash", ["bash", "-c", asked["command"]])
signal.signal(signal.SIGALRM, lambda *_: os.kill(pid, signal.SIGKILL))
signal.alarm(asked["seconds"])
shown, seen = b"", 0
while True:
    try:
        part = os.read(terminal, 4096)
    except OSError:
        break
    if part == b"":
        break
    shown += part
    while asked["typing"]:
        after = asked["typing"][0]["after"].encode()
        place = shown.find(after, seen)
        if place == -1:
            break
        seen = place + len(after)
        os.write(terminal, asked["typing"].pop(0)["type"].encode())
status = os.waitpid(pid, 0)[1]
sys.stdout.buffer.write(shown)
sys.exit(os.waitstatus_to_exitcode(status) & 255)
`;

/** The reason for which nothing can be tested at a terminal here; `undefined` when it can. */
export function noTerminal(): string | undefined {
  if (isInCi) return undefined;
  const { status } = spawnSync('python3', ['-c', 'import pty; pty.openpty()']);
  return status === 0 ? undefined : 'python3 with a pseudo-terminal is not installed';
}

/** Runs a command at a terminal, and types what a person would. */
export function atTerminal(
  command: string,
  typing: readonly Typing[],
  { cwd, env, rows = 40, columns = 120 }: TerminalOptions,
): Shown {
  const asked = { command, typing, rows, columns, seconds: 40 };
  const { stdout, stderr, status } = spawnSync('python3', ['-c', program, JSON.stringify(asked)], {
    cwd,
    env: { TERM: 'xterm', ...env },
  });
  if (stderr.length > 0) throw new Error(stderr.toString());
  return { shown: stdout.toString().replaceAll('\r\n', '\n'), status };
}
