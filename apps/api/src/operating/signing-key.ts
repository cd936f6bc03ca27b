import { Inject, Injectable } from '@nestjs/common';
import { KeyRotatedError, rotateSigningKey } from '@penalty-ledger/application/rotate-key';
import { closed, type Shape } from '@penalty-ledger/ledger';
import { Type } from '@sinclair/typebox';
import { ApiProblem } from '../http/problems/api-problem.js';
import { ServedLedger } from '../served/served-ledger.js';
import { ServedLog } from '../served/served-log.js';

export type SigningKeyRotated = Shape<typeof SigningKeyRotatedSchema>;
export const SigningKeyRotatedSchema = closed(
  {
    previous: Type.String({ description: 'the verifier key until now' }),
    verifierKey: Type.String({ description: 'the verifier key from now on: `name+id+key`' }),
    revision: Type.Integer({
      description:
        'of the event in the stream `ledger`; its receipt leads from the key before to this one',
    }),
  },
  { $id: 'SigningKeyRotated' },
);

/** Gives the served ledger another signing key, one rotation after the other. */
@Injectable()
export class SigningKeyRotation {
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    @Inject(ServedLedger) private readonly ledger: ServedLedger,
    @Inject(ServedLog) private readonly log: ServedLog,
  ) {}

  /**
   * Returns the verifier key that a rotation replaces.
   *
   * @throws ApiProblem when this node takes no commands
   */
  current(): string {
    this.ledger.assertRoom();
    return this.ledger.node.verifierKey() ?? '';
  }

  /**
   * Rotates a key.
   *
   * @param previous the verifier key that is replaced; another one would be replaced twice
   * @param by the principal who asked for it
   * @throws ApiProblem `key_rotated` when the ledger has another key by now; when this node takes
   *   no commands
   * @throws SigningKeyLostError
   */
  rotate(previous: string, by: string): Promise<SigningKeyRotated> {
    const turn = this.#turn.then(() => {
      this.ledger.assertRoom();
      const { ledger } = this.ledger.writer();
      const now = this.ledger.clock.now();
      return rotateSigningKey(ledger, () => this.log.sign(), { previous, by, now });
    });
    this.#turn = turn.catch(() => undefined);
    return turn.catch((error: unknown) => {
      if (!(error instanceof KeyRotatedError)) throw error;
      throw new ApiProblem('key_rotated', error.inBoth);
    });
  }
}

/** The id of a verifier key, by which the access log names it. */
export function keyIdOf(verifierKey: string): string {
  return verifierKey.split('+')[1] ?? '';
}
