import { checkAttachments, checkDisclosure, withheldOf } from './attachments.js';
import { textOf } from './bytes.js';
import { canonical } from './canonical-json.js';
import { compute } from './computation.js';
import { checkDecisions } from './decisions.js';
import { checkChains, readEvents } from './events.js';
import { checkHeld, checkReceipts, followedKeys } from './held.js';
import { checkFiles, readManifest } from './manifest.js';
import { checkCurrent, checkSignature, openCheckpoint, parseKey } from './note.js';
import { must, Problem, Unchecked } from './problem.js';
import { checkCompleteness, readProofs } from './proofs.js';
import { checkRulebooks } from './rulebooks.js';
import { checkJoined } from './tree.js';
import { readZip } from './zip.js';

/* The verifier of evidence packs in the statement's page: offline, written from
   docs/spec/evidence-pack.md, without code of the ledger's own verifier. */

const checkCheckpoint = async (note, keys, { knownAt, origin }, manifestSignedBy) => {
  const opened = await openCheckpoint(note, keys);
  must(opened.origin === origin, 'origin');
  must(knownAt <= opened.signedAt, 'signed_before');
  if (manifestSignedBy !== undefined) checkCurrent(manifestSignedBy, opened);
  return opened;
};

const checkInTree = async (events, { indexes, inclusion }, { root, size }) => {
  must(indexes[0] === 0, 'inclusion_form');
  const leaves = events.map(({ leafHash }, at) => ({ leafHash, index: indexes[at] }));
  await checkJoined(leaves, size, inclusion, root);
};

const checkComputation = (streams, register, manifest, { signedAt }, file) => {
  const { answers, text } = compute(streams, register, manifest, signedAt);
  must(text === textOf(file), 'computation_differs');
  return answers;
};

/** Returns the data that the page of a pack has. */
const pageDataOf = (contents, { fileNames, knownAt, ledgerId, redacted }) => {
  const text = (name) => textOf(contents.get(name)) ?? '';
  const attachments = [...contents.keys()].filter((name) => name.startsWith('attachments/'));
  const disclosed = contents.has('disclosed.json') ? [['disclosed', text('disclosed.json')]] : [];
  const members = [
    ['attachments', canonical(attachments.map((name) => name.slice('attachments/'.length)))],
    ['checkpoint', canonical(text('checkpoint.txt'))],
    ['computation', text('computation.json')],
    ...disclosed,
    ['events', `[${text('events.ndjson').slice(0, -1).replaceAll('\n', ',')}]`],
    ...(fileNames === undefined ? [] : [['fileNames', canonical(fileNames)]]),
    ['knownAt', canonical(knownAt)],
    ['ledgerId', canonical(ledgerId)],
    ['redacted', canonical(redacted)],
  ];
  const data = members.map(([name, json]) => `"${name}":${json}`).join(',');
  return `{${data}}`.replaceAll('<', '\\u003c');
};

/** Checks the page's data. A page cannot vouch for itself: the other verifiers know its hash. */
const checkStatement = (contents, manifest) => {
  const page = textOf(contents.get('statement.html')) ?? '';
  const start = '<script type="application/json" id="pack">';
  const from = page.indexOf(start) + start.length;
  // In two parts, because this text stands in a script itself.
  const to = page.indexOf('</' + 'script>', from);
  must(from >= start.length && to >= 0, 'statement_page');
  const data = pageDataOf(contents, manifest);
  must(page.slice(from, to) === data, 'statement_data');
  return data;
};

/** Takes steps and collects what each comes to: `{step, result, problem?, message}`. */
const stepper = () => {
  const checks = [];
  /** Returns what the check returns, or undefined if it fails or a value it needs is missing. */
  const take = async (step, needed, check) => {
    try {
      if (needed.includes(undefined)) throw new Unchecked();
      const result = (await check()) ?? true;
      checks.push({ step, result: 'holds', message: '' });
      return result;
    } catch (error) {
      if (error instanceof Unchecked) checks.push({ step, result: 'unchecked', message: '' });
      else if (error instanceof Problem)
        checks.push({ step, result: 'fails', problem: error.problem, message: error.message });
      else {
        // An error of the verifier itself: it showed nothing, and so nothing holds.
        checks.push({ step, result: 'fails', problem: 'unforeseen', message: String(error) });
      }
      return undefined;
    }
  };
  return { checks, take };
};

/** Returns the facts that a pack that holds was verified for. */
const verifiedIn = (manifest, { now, then }, signedBy, { origin, root, signedAt, size }) => {
  const { account, effectiveAt, knownAt, ledgerId, period, subject } = manifest;
  return {
    ...{ ledgerId, ...subject, period, account, effectiveAt, knownAt },
    balanceThen: then?.balance ?? null,
    balanceNow: now.balance,
    keys: signedBy.map(({ name, id }) => `${name}+${id}`),
    checkpoint: { origin, size, root, signedAt },
  };
};

/** Verifies a pack, step by step in the order of the specification. */
export const verify = async (zip, keyTexts, checkpoints = [], receipts = []) => {
  const { checks, take } = stepper();
  const held = { checkpoints, receipts };
  const keys = await followedKeys(await Promise.all(keyTexts.map(parseKey)), receipts);
  const entries = await take('zip', [], () => readZip(zip));
  const manifest = await take('manifest', [entries], () => readManifest(entries[0].content));
  const contents = await take('files', [manifest], () => checkFiles(entries, manifest));
  const file = (name) => contents.get(name);
  const signedBy = await take('signature', [contents], () =>
    checkSignature(file('signature.txt'), keys, file('manifest.json'), manifest),
  );
  const checkpoint = await take('checkpoint', [contents], () =>
    checkCheckpoint(file('checkpoint.txt'), keys, manifest, signedBy),
  );
  const events = await take('events', [contents], () => readEvents(file('events.ndjson')));
  const proofs = await take('proofs', [contents], () =>
    readProofs(file('proofs.json'), file('events.ndjson')),
  );
  const streams = await take('chains', [events], () => checkChains(events, manifest));
  const register = await take('rulebooks', [streams], () => checkRulebooks(streams));
  await take('inclusion', [checkpoint, events, proofs], () =>
    checkInTree(events, proofs, checkpoint),
  );
  await take('completeness', [checkpoint, proofs, streams], () =>
    checkCompleteness(streams, manifest, proofs, checkpoint.heads),
  );
  await take('consistency', [checkpoint, proofs], () => checkHeld(held, keys, checkpoint, proofs));
  await take('receipts', [checkpoint, streams], () =>
    checkReceipts(held, keys, checkpoint, streams),
  );
  const withheld = streams && withheldOf(streams, manifest);
  await take('attachments', [streams], () => checkAttachments(contents, streams, withheld));
  await take('disclosure', [streams], () =>
    checkDisclosure(file('disclosed.json'), events, withheld),
  );
  await take('decisions', [register], () => checkDecisions(events, streams, register, manifest));
  const computation = await take('computation', [checkpoint, register], () =>
    checkComputation(streams, register, manifest, checkpoint, file('computation.json')),
  );
  const data = await take('statement', [contents], () => checkStatement(contents, manifest));
  // A page cannot print, nor vouch for the script that it is itself.
  const notChecked = [
    contents?.has('statement.pdf') && 'pdf_not_checked',
    'page_not_checked',
    'decisions_not_checked',
    manifest?.assessments !== undefined && 'assessed_not_checked',
    checkpoints.length + receipts.length === 0 && 'history_not_checked',
  ].filter(Boolean);
  const hasAttachment = [...(contents?.keys() ?? [])].some((name) => name.startsWith('attach'));
  // Steps that had nothing to look at.
  const empty = {
    consistency: checkpoints.length + receipts.length === 0,
    receipts: receipts.length === 0,
    attachments: !hasAttachment,
    disclosure: contents?.has('disclosed.json') !== true,
  };
  const holds = checks.every(({ result }) => result === 'holds');
  return {
    holds,
    checks: checks.map((check) =>
      check.result === 'holds' && empty[check.step] === true ? { ...check, isEmpty: true } : check,
    ),
    notChecked,
    manifest,
    computation,
    data,
    ...(holds && { verified: verifiedIn(manifest, computation, signedBy, checkpoint) }),
  };
};
