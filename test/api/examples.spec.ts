import { sendExamples } from './example-ledger.js';
import { testService } from './service.js';

const held = testService();

it('every command’s example in /openapi.json is accepted, in order of interchange §2', async () => {
  const { current } = held;
  expect(await sendExamples(current, current.ask.bind(current))).toEqual([]);
});
