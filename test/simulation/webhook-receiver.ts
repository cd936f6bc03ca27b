import type { DeliveryProblem } from '@penalty-ledger/application/webhooks';
import type { Attempt, Outgoing } from '../../apps/api/src/webhooks/send.js';
import { currentEngine } from './simulated-engine.js';
import { currentTime } from './virtual-time.js';

/** An answer of the receiver; `lost` takes the message, and its answer does not arrive. */
export type ReceiverAnswer = 'taken' | 'refused' | 'silent' | 'lost';

/** The one receiver of webhooks' messages. */
class WebhookReceiver {
  #answers: ReceiverAnswer[] = [];
  /** The ids of the events of each message that it took. */
  taken: (readonly string[])[] = [];

  begin(): void {
    this.#answers = [];
    this.taken = [];
  }

  /** Its next answers; after them it takes everything. */
  plan(answers: readonly ReceiverAnswer[]): void {
    this.#answers = [...answers];
  }

  /** Sends a message over the network, in the place of HTTP. */
  send({ body, timeoutMs, signal }: Outgoing): Promise<Attempt> {
    const time = currentTime();
    const sender = time.current;
    const engine = currentEngine();
    const failed = (problem: DeliveryProblem): Attempt => ({
      delivered: false,
      problem,
      gone: false,
    });
    return new Promise((resolve) => {
      const settle = (attempt: Attempt): void => {
        time.cancel(timer);
        signal.removeEventListener('abort', abort);
        resolve(attempt);
      };
      const abort = (): void => {
        settle(failed('unreachable'));
      };
      const timer = time.after(timeoutMs, 'webhook timeout', () => {
        settle(failed('timeout'));
      });
      signal.addEventListener('abort', abort);
      const answer = (): void => {
        const given = this.#answers.shift() ?? 'taken';
        if (given === 'taken' || given === 'lost') this.taken.push(idsIn(body));
        if (given === 'silent' || given === 'lost') return;
        const attempt: Attempt = given === 'taken' ? { delivered: true } : failed('server_error');
        const take = (): void => {
          settle(attempt);
        };
        time.after(engine.travelMs(), 'webhook answered', take, sender);
      };
      time.after(engine.travelMs(), 'webhook', answer, engine.process);
    });
  }
}

export const receiver = new WebhookReceiver();

function idsIn(body: string): readonly string[] {
  const message = JSON.parse(body) as { data: { events: readonly { id: string }[] } };
  return message.data.events.map(({ id }) => id);
}
