/**
 * Kills the program it is loaded into, as a power cut would:
 *
 *     KILLED_AT='a text' NODE_OPTIONS=--import=…/killed-at.mjs ledger …
 *
 * once standard error has the text, or, where that is the ending of a file's name (`*.zip`), once
 * half of such a file is written, which has another name until it is whole.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const at = process.env.KILLED_AT ?? '';
const die = () => process.kill(process.pid, 'SIGKILL');

const write = process.stderr.write.bind(process.stderr);
process.stderr.write = (text, ...rest) => {
  const isWritten = write(text, ...rest);
  if (String(text).includes(at)) die();
  return isWritten;
};

if (at.startsWith('*')) {
  const open = fs.promises.open;
  fs.promises.open = async (file, ...rest) => {
    const handle = await open(file, ...rest);
    const name = String(file).replace(/\.\w+\.partial$/, '');
    if (name.endsWith(at.slice(1)))
      handle.appendFile = async (content) => {
        fs.writeSync(handle.fd, content.subarray(0, content.length / 2));
        die();
      };
    return handle;
  };
  syncBuiltinESMExports();
}
