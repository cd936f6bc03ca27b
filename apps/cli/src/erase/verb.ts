import type { Command } from 'commander';
import { exitCodes, UsageError } from '../terminal/exit-codes.js';
import { note, printJson, printLine } from '../terminal/io.js';
import { addVerb, jsonOption, storeOption, type AskOptions } from '../verb.js';

interface EraseOptions extends AskOptions {
  readonly subject: string;
  readonly request?: string;
  readonly by?: string;
}

export function addTo(program: Command): void {
  addVerb(program, 'erase', {
    summary: "erase a subject's personal data for good",
    details:
      "Destroys the key that opens the subject's names and texts. No event changes: every hash, " +
      'proof and balance stands. The erasure is an event itself. While an open appeal needs the ' +
      'data, it is refused, and the refusal is recorded. It cannot be undone; backups of the key ' +
      'file must be destroyed too.',
    examples: [
      'erase --subject creator:cr-7 --request dsr-2026-014 --by officer-lin',
      'erase --subject agency:mcn-1',
    ],
  })
    .requiredOption('--subject <subject>', 'whose data: agency:ID, creator:ID or evidence:ID')
    .option(
      '--request <id>',
      'the reference of the request; it stays, so it must not name a person',
    )
    .option('--by <id>', 'who erases')
    .addOption(jsonOption())
    .addOption(storeOption())
    .action(async ({ store, subject, request, by, json = false }: EraseOptions) => {
      const { eraseSubject } = await import('./erasure.js');
      const { status, code, events, message } = await eraseSubject(store, {
        subject,
        requestId: request,
        by,
      });
      if (code === 'invalid') throw new UsageError(message ?? '--subject is not a subject');
      if (status === 'rejected') process.exitCode = exitCodes.no;
      if (json) return printJson({ subject, status, code, events });
      if (status === 'accepted')
        return printLine(
          `${subject} is erased; its key is destroyed, and no event, hash or balance has changed`,
        );
      const { refusalText } = await import('../terminal/refusal-text.js');
      note(`error: ${refusalText(code ?? '', message ?? '')}`);
    });
}
