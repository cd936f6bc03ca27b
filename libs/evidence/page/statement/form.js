import { both, h, p, word } from './elements.js';

const checkLine = ({ step, result, problem, message }) => {
  const details = [problem, message].filter(Boolean).join(': ');
  return h('li', { class: result }, `${step}: ${result}${details && ` (${details})`}`);
};

/** Returns the verification's result, step by step. */
const report = ({ checks, holds, notChecked }) => [
  h(
    'p',
    { class: holds ? 'holds' : 'fails' },
    holds
      ? both('已检查的各项均成立', 'it holds in all that was checked')
      : both('不成立', 'it does not hold'),
  ),
  h('p', {}, both('未检查', 'Not checked')),
  h(
    'ul',
    {},
    notChecked.map((what) => h('li', {}, word(what))),
  ),
  h('ol', {}, checks.map(checkLine)),
];

const bytesOf = async (file) => new Uint8Array(await file.arrayBuffer());

const isReceipt = (bytes) =>
  new TextDecoder().decode(bytes.subarray(0, 22)) === 'c2sp.org/tlog-proof@v1';

/** Verifies the pack chosen in the form, with its keys and the files the reader has kept. */
const verifyChosen = async ({ pack, key, held }) => {
  const [zip, ...notes] = await Promise.all([...pack.files, ...held.files].map(bytesOf));
  const keys = key.value.trim().split(/\s+/);
  const checkpoints = notes.filter((note) => !isReceipt(note));
  return verifier.verify(zip, keys, checkpoints, notes.filter(isReceipt));
};

/** Verifies whenever the form changes and has a pack and a key. */
export const listen = () => {
  const [pack, key, held, out] = ['file', 'key', 'held', 'report'].map((id) =>
    document.getElementById(id),
  );
  const run = async () => {
    if (pack.files.length === 0 || key.value.trim() === '') return;
    out.replaceChildren(p('…'));
    try {
      out.replaceChildren(...report(await verifyChosen({ pack, key, held })));
    } catch (error) {
      out.replaceChildren(h('p', { class: 'fails' }, String(error.problem ?? error)));
    }
  };
  for (const input of [pack, key, held]) input.addEventListener('change', () => void run());
};
