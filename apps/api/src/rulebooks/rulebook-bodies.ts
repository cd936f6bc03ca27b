import type { Calendar, PublishCalendar, PublishRulebook, Rulebook } from '@penalty-ledger/ledger';
import { IsObject } from 'class-validator';
import { type Sent } from '../http/fields.js';

/** The bodies of the commands on rulebooks and calendars (interchange §2). */

export class PublishRulebookBody implements Sent<PublishRulebook['data']> {
  // What is in it the domain's own schema says, once: it is a document, not a form.
  @IsObject() readonly rulebook!: Rulebook;
}

export class PublishCalendarBody implements Sent<PublishCalendar['data']> {
  // As above: its content is checked by the domain's own schema.
  @IsObject() readonly calendar!: Calendar;
}
