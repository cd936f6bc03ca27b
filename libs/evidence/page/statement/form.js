import { both, fill, h, p, word } from './elements.js';
import { verifiedPart } from './verified.js';

const resultWords = {
  holds: ['成立', 'holds'],
  fails: ['不成立', 'fails'],
  unchecked: ['未核验：此前的步骤未通过', 'not checked: a step before it fails'],
  nothing: ['无可核验', 'nothing to check'],
};

/** A step in a line. One that had nothing to look at is not said to hold. */
const checkLine = ({ step, result, problem, message, isEmpty }) => {
  const shown = isEmpty === true ? 'nothing' : result;
  const details = [problem, message].filter(Boolean).join(': ');
  return h(
    'li',
    { class: shown },
    `${step}: `,
    both(...resultWords[shown]),
    details && ` (${details})`,
    // The other verifiers know the hash of its program.
    step === 'statement' && result === 'holds' && both('（仅其数据）', '(its data alone)'),
  );
};

/** Returns the verification's result, step by step, and what it was of. */
const report = ({ checks, computation, holds, notChecked, verified }) => [
  h(
    'p',
    { class: holds ? 'holds' : 'fails' },
    holds
      ? both('已检查的各项均成立', 'it holds in all that was checked')
      : both('不成立', 'it does not hold'),
  ),
  verified !== undefined && [
    p(both('所核验的内容', 'Verified')),
    verifiedPart(verified, computation.zone),
  ],
  p(both('未检查', 'Not checked')),
  h(
    'ul',
    {},
    notChecked.map((what) => h('li', {}, word(what))),
  ),
  h('ol', {}, checks.map(checkLine)),
];

const withoutKey = () =>
  p(
    both(
      '未给出公钥，未作任何核验。请通过证据包以外的渠道向账本的运营方索取验证公钥' +
        '（运行 ledger keys 即可打印），并粘贴到上方：没有公钥，无从得知证据包由谁签署。',
      'No key was given, and nothing was verified. Ask the ledger’s operator for its verifier ' +
        'key by another way than this pack (“ledger keys” prints it), and paste it above: ' +
        'without a key nothing shows who signed the pack.',
    ),
  );

const noKey = () =>
  h(
    'p',
    { class: 'fails' },
    both(
      '粘贴的内容不是验证公钥：应为 name+id+key，每行一个。未作任何核验。',
      'What was pasted is no verifier key: name+id+key, one a line. Nothing was verified.',
    ),
  );

/** Refuses a pack that is not the one whose statement stands on this page. */
const otherPack = (verifyAnyway) => {
  const button = h('button', { type: 'button' });
  fill(button, [both('移除本页的声明，再核验', 'remove this statement, and verify')]);
  button.addEventListener('click', verifyAnyway);
  return [
    h(
      'p',
      { class: 'fails' },
      both(
        '所选证据包不是本页声明所属的证据包：未作核验，以免把结果误认为是对上方声明的核验。',
        'This is another pack than that of the statement above. It was not verified: ' +
          'its result could be taken for that of this statement.',
      ),
    ),
    button,
  ];
};

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

/**
 * Verifies whenever the form changes and has a pack.
 *
 * @param own the data of the statement on this page; empty when there is none
 */
export const listen = (own) => {
  const [statement, pack, key, held, out] = ['statement', 'file', 'key', 'held', 'report'].map(
    (id) => document.getElementById(id),
  );
  let drawn = own;
  const show = (...parts) => {
    out.replaceChildren();
    fill(out, parts);
  };
  const run = async () => {
    if (pack.files.length === 0) return;
    if (key.value.trim() === '') {
      show(withoutKey());
      return;
    }
    show(p('…'));
    try {
      const found = await verifyChosen({ pack, key, held });
      const isOther = drawn !== '' && found.data !== undefined && found.data !== drawn;
      const verifyAnyway = () => {
        statement.replaceChildren();
        drawn = '';
        return run();
      };
      show(isOther ? otherPack(verifyAnyway) : report(found));
    } catch (error) {
      const isOfKey = error.problem === 'verifier_key';
      show(isOfKey ? noKey() : h('p', { class: 'fails' }, String(error.problem ?? error)));
    }
  };
  for (const input of [pack, key, held]) input.addEventListener('change', () => void run());
};
