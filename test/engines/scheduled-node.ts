import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

type Answer = { readonly id: number } & ({ readonly answer: unknown } | { readonly error: string });

/** One run of the program of `scheduled-process.mjs`. */
export class ScheduledNode {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #orders = 0;
  #waking: NodeJS.Timeout | undefined;
  #said = '';

  /**
   * @param name among all runs of all nodes
   * @param onCrash told of a run that ended by an error that nothing handles
   */
  constructor(
    readonly name: string,
    args: readonly string[],
    environment: NodeJS.ProcessEnv,
    onCrash: (error: string) => void,
  ) {
    this.#child = fork(join(__dirname, 'scheduled-process.mjs'), args, {
      env: environment,
      execArgv: [],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child.stderr?.on('data', (text: Buffer) => (this.#said += text.toString()));
    this.#child.on('message', (answer: Answer) => {
      this.#answer(answer);
    });
    this.#child.on('exit', (code) => {
      clearTimeout(this.#waking);
      for (const id of this.#waiting.keys()) this.#answer({ id, error: `${name} has ended` });
      if (code === 1) onCrash(`${name}: ${this.#said}`);
    });
  }

  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** The last words of a run, for messages. */
  get said(): string {
    return this.#said.trim().split('\n').slice(-3).join(' | ');
  }

  /** Gives an order; resolves with its answer, and rejects when the run ends without one. */
  async order(order: string, rest: object = {}): Promise<unknown> {
    this.#orders += 1;
    const id = this.#orders;
    const answered = new Promise<Answer>((resolve) => this.#waiting.set(id, resolve));
    this.#child.send({ id, order, ...rest }, (error) => {
      if (error !== null) this.#answer({ id, error: String(error) });
    });
    const answer = await answered;
    if ('error' in answer) throw new Error(answer.error);
    return answer.answer;
  }

  #answer(answer: Answer): void {
    this.#waiting.get(answer.id)?.(answer);
    this.#waiting.delete(answer.id);
  }

  /** Lets it stand still for a time. */
  pause(ms: number): void {
    if (!this.isAlive) return;
    clearTimeout(this.#waking);
    this.#child.kill('SIGSTOP');
    this.#waking = setTimeout(() => {
      this.wake();
    }, ms);
  }

  wake(): void {
    clearTimeout(this.#waking);
    this.#child.kill('SIGCONT');
  }

  async kill(): Promise<void> {
    if (!this.isAlive) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }
}
