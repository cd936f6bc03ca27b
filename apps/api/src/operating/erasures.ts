import { Inject, Injectable } from '@nestjs/common';
import { closed, type EraseSubject, type Shape } from '@penalty-ledger/ledger';
import { Type } from '@sinclair/typebox';
import { refusalOf } from '../commands/command-answer.js';
import { EvidencePacks } from '../evidence/evidence-packs.js';
import { ServedLedger } from '../served/served-ledger.js';

export type Erasure = Shape<typeof ErasureSchema>;
export const ErasureSchema = closed(
  { status: Type.Literal('accepted'), events: Type.Array(Type.String()) },
  { $id: 'Erasure' },
);

/** Erases subjects, and the evidence packs that may show their texts. */
@Injectable()
export class Erasures {
  constructor(
    @Inject(ServedLedger) private readonly ledger: ServedLedger,
    @Inject(EvidencePacks) private readonly packs: EvidencePacks,
  ) {}

  /**
   * Erases a subject.
   *
   * @param by the principal who asked for it
   * @throws ApiProblem with the ledger's refusal, or when this node takes no commands
   */
  async erase(wanted: EraseSubject, by: string): Promise<Erasure> {
    this.ledger.assertRoom();
    const { ledger } = this.ledger.writer();
    const outcome = await ledger.erase(wanted, by, this.ledger.clock.now());
    if (outcome.status === 'rejected') throw refusalOf(outcome);
    await this.packs.removeDisclosed();
    return { status: 'accepted', events: outcome.events };
  }
}
