import { textOf } from './bytes.js';
import { parseCanonical } from './canonical-json.js';
import { isAscending, isCount, isHash, isObject, isStream, listOf, objectOf } from './forms.js';
import { must } from './problem.js';
import { checkAbsence, checkHead } from './tree.js';

const isHashes = listOf(isHash);
const isProofs = objectOf({
  absent: listOf(
    objectOf({
      'other?': objectOf({ head: isHash, key: isHash }),
      siblings: isHashes,
      stream: isStream,
    }),
  ),
  consistency: listOf(objectOf({ from: isCount, proof: isHashes })),
  heads: listOf(objectOf({ siblings: isHashes, stream: isStream })),
  inclusion: isHashes,
  indexes: listOf(isCount),
});

/** Returns the proofs, if there is an index for each event and every list is in its order. */
export const readProofs = (bytes, eventsBytes) => {
  const proofs = parseCanonical(textOf(bytes), 'proofs_bytes');
  must(isProofs(proofs), 'proofs_form');
  const names = (list) => list.map(({ stream }) => stream);
  const inOrder = [
    proofs.indexes,
    names(proofs.heads),
    names(proofs.absent),
    proofs.consistency.map(({ from }) => from),
  ];
  const lines = eventsBytes.reduce((count, byte) => (byte === 10 ? count + 1 : count), 0);
  must(inOrder.every(isAscending) && proofs.indexes.length === lines, 'proofs_form');
  return proofs;
};

/** Returns the items in an event's data that are objects. */
export const itemsIn = ({ items }) => (Array.isArray(items) ? items.filter(isObject) : []);

/** Returns the items of evidence that an event submits. */
export const itemsOf = ({ type, data }) =>
  type === 'AppealEvidenceSubmitted' ? itemsIn(data) : [];

/** Checks that no event of a stream, and no evidence submitted, is left out. */
export const checkCompleteness = async (streams, { assessments = [], subject }, proofs, root) => {
  const agency = `agency-${subject.agencyId}`;
  const present = new Set(['rulebooks', agency, ...streams.keys()]);
  present.delete('ledger');
  const submitted = (streams.get(agency) ?? [])
    .flatMap(({ event }) => itemsOf(event))
    .filter(({ evidenceId }) => typeof evidenceId === 'string')
    .map(({ evidenceId }) => `evidence-${evidenceId}`);
  const sessions = assessments.map((month) => `session-${subject.agencyId}-${month}`);
  const absent = new Set([...submitted, ...sessions].filter((stream) => !present.has(stream)));
  const isSame = (wanted, given) =>
    given.length === wanted.size && given.every(({ stream }) => wanted.has(stream));
  must(isSame(present, proofs.heads) && isSame(absent, proofs.absent), 'head_missing');
  for (const { stream, siblings } of proofs.heads) {
    const last = streams.get(stream)?.at(-1);
    must(last !== undefined, 'head_missing', stream);
    const { event, leafHash } = last;
    await checkHead(stream, { revision: event.revision, leafHash }, siblings, root);
  }
  for (const proof of proofs.absent) await checkAbsence(proof.stream, proof, root);
};
