import { createHash } from 'node:crypto';
import { readCommandLine, type CommandLine, type InBoth } from '@penalty-ledger/ledger';

/** A file that an appeal rests on, by its bytes' hash. */
export interface FiledAttachment {
  /** The name it is known by to people: its title. */
  readonly title: string;
  readonly mediaType: string;
  /** In hexadecimal. */
  readonly sha256: string;
  readonly bytes: number;
}

/** An appeal against one deduction, to be filed as a whole. */
export interface AppealFiling {
  readonly deductionId: string;
  readonly agencyId: string;
  /** By default {@link appealIdFor}. */
  readonly appealId?: string;
  readonly grounds: string;
  readonly attachments: readonly FiledAttachment[];
  readonly by?: string;
  /** The instant of its initiation, if it is entered late (interchange §2). */
  readonly initiatedAt?: string;
  /** The instant at which its evidence was submitted; by default the initiation, in one go. */
  readonly submittedAt?: string;
}

/** The id of the appeal that is filed against a deduction; the same at each repetition. */
export function appealIdFor(deductionId: string): string {
  return shortened(`ap-${deductionId}`);
}

/**
 * Returns the commands that file an appeal, in order: each attachment is registered, the appeal is
 * initiated, and its evidence submitted if there is any. Every id follows from the deduction and
 * the bytes, so that a repetition finds its own acts and records none twice.
 *
 * @returns the problems of its data instead, when there are some
 */
export function filingLines({
  deductionId,
  agencyId,
  appealId = appealIdFor(deductionId),
  grounds,
  attachments,
  by,
  initiatedAt,
  submittedAt = initiatedAt,
}: AppealFiling): readonly CommandLine[] | { readonly problems: readonly InBoth[] } {
  const items = attachments.map(({ title, mediaType, sha256, bytes }) => {
    const evidenceId = shortened(`${appealId}-${sha256.slice(0, 12)}`);
    return { evidenceId, title, mediaType, sha256, bytes };
  });
  const read = [
    ...items.map(({ bytes: _size, ...item }) => ({
      command: 'RegisterEvidence',
      data: { ...item, subject: { kind: 'deduction', id: deductionId } },
    })),
    {
      command: 'InitiateAppeal',
      data: {
        appealId,
        agencyId,
        deductionIds: [deductionId],
        grounds,
        ...(initiatedAt !== undefined && { initiatedAt }),
      },
    },
    ...(items.length === 0
      ? []
      : [
          {
            command: 'SubmitEvidence',
            // It creates no id of its own, by which a repetition would be known.
            commandId: shortened(`submit-${appealId}`),
            data: { appealId, items, ...(submittedAt !== undefined && { submittedAt }) },
          },
        ]),
  ].map((line) => readCommandLine({ ...line, ...(by !== undefined && { by }) }));
  const problems = read.flatMap((each) => each.problems ?? []);
  if (problems.length > 0)
    return { problems: [...new Map(problems.map((each) => [each.en, each])).values()] };
  return read.flatMap((each) => (each.problems === undefined ? [each.line] : []));
}

/** The longest an id may be (interchange, first lines). */
const maxIdLength = 64;

/** An id that is too long ends in the hash of the whole. */
function shortened(id: string): string {
  if (id.length <= maxIdLength) return id;
  return `${id.slice(0, 47)}-${createHash('sha256').update(id).digest('hex').slice(0, 16)}`;
}
