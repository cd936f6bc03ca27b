// A node of a ledger on an engine, in a process of its own that a test orders about, stops and
// kills. Arguments: the URL, its name among the nodes, its term in milliseconds, and how far its
// clock is behind the machine's.
import process from 'node:process';
import { LedgerNode } from '@penalty-ledger/application';
import { instantOf, readCommandLine } from '@penalty-ledger/ledger';

const [url, holder, termMs, behindMs] = process.argv.slice(2);
const clock = { now: () => instantOf(Date.now() - Number(behindMs)) };
const node = await LedgerNode.open({
  url,
  simulation: false,
  clock,
  node: { holder, termMs: Number(termMs) },
}).catch((error) => {
  process.stderr.write(`${String(error)}\n`);
  // A program that cannot open its ledger is started again; 1 is for errors that nothing handles.
  process.exit(3);
});

const answers = {
  /** Outcomes of commands that are sent together; `null` where the node takes none now. */
  async send({ commands }) {
    const { writer } = node;
    if (writer === undefined) return null;
    const now = clock.now();
    const outcomes = await writer.send(
      commands.map((command) => ({ line: readCommandLine(command).line, now })),
    );
    return outcomes.map(({ code, status }) => code ?? status);
  },
  async ask({ agency }) {
    const { balance, error } = await node.reading.reader.answer({
      query: 'balance',
      agencyId: agency,
    });
    return { balance, error };
  },
  async sign() {
    return (await node.writer?.checkpoint()) ?? null;
  },
  /** The events that its read models have folded of each agency, and the agency of each id. */
  async look({ agencies, deductions }) {
    const { reader } = node.reading;
    await reader.refresh();
    const agencyOf = {};
    for (const id of deductions) agencyOf[id] = await reader.agencyOf('deduction', id);
    return {
      eventsOf: Object.fromEntries(agencies.map((id) => [id, reader.agencyMark(id)?.events])),
      agencyOf,
    };
  },
  async state() {
    return { role: node.role, writingEnded: node.writingEnded?.message ?? null };
  },
  async stop() {
    await node.close();
    process.disconnect();
    return null;
  },
};

process.on('message', ({ id, order, ...rest }) => {
  answers[order](rest).then(
    (answer) => process.connected && process.send({ id, answer }),
    (error) => process.connected && process.send({ id, error: String(error) }),
  );
});
process.on('disconnect', () => process.exit());
