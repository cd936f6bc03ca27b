import type { PublishRulebook, Rulebook } from '@penalty-ledger/ledger';
import { IsObject } from 'class-validator';
import { type Sent } from '../http/fields.js';

/** The body of the command on rulebooks (interchange §2). */

export class PublishRulebookBody implements Sent<PublishRulebook['data']> {
  // What is in it the domain's own schema says, once: it is a document, not a form.
  @IsObject() readonly rulebook!: Rulebook;
}
