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
      'Destroys the one key that opens the names and texts of a subject. No event changes: every hash, proof and balance stands. The erasure is an ' +
      'event itself. It is refused while an open appeal needs the data, and that is an event too. It cannot be undone; a backup of the key file ' +
      'that still holds the key must be destroyed as well.',
    examples: [
      'erase --subject creator:cr-7 --request dsr-2026-014 --by officer-lin',
      'erase --subject agency:mcn-1',
    ],
  })
    .requiredOption('--subject <subject>', 'agency:ID, creator:ID or evidence:ID')
    .option(
      '--request <id>',
      'the reference of the request; it stays, so it must not say who asked',
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
      if (code === 'invalid') throw new UsageError(message ?? 'the subject is not one');
      if (status === 'rejected') process.exitCode = exitCodes.no;
      if (json) return printJson({ subject, status, code, events });
      if (status === 'accepted')
        return printLine(
          `${subject} is erased: its key is gone, and every event, hash and balance is as it was.`,
        );
      const { refusalText } = await import('../terminal/refusal-text.js');
      note(`error: ${refusalText(code ?? '', message ?? '')}`);
    });
}
