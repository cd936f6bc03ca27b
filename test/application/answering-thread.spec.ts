import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const compiled = pathToFileURL(
  join(__dirname, '../../libs/event-store/dist/answering-thread.js'),
).href;

it('keeps the process running until it has ended, also when its last answer comes before', () => {
  const body =
    `import { answerQuestions } from '${compiled}';` +
    'answerQuestions(async () => 1, () => new Promise((resolve) => setTimeout(resolve, 50)));';
  const program =
    `import { AnsweringThread } from '${compiled}';` +
    `const body = new URL('data:text/javascript,' + encodeURIComponent(${JSON.stringify(body)}));` +
    'const ended = (cause) => new Error("ended", { cause });' +
    'const thread = new AnsweringThread(body, undefined, ended);' +
    'void thread.ask("a question whose answer nobody waits for");' +
    'await thread.end(); console.log("ended");';
  const ran = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
  });
  expect(ran).toMatchObject({ status: 0, stdout: 'ended\n', stderr: '' });
});
