const { existsSync } = require('node:fs');
const { basename, join } = require('node:path');
const threads = require('node:worker_threads');

const inBundle = (body) => join(__dirname, '../../dist', basename(body.pathname));

/**
 * Threads run the bundle, as in the programs. Loading their modules one by one takes 0.3 s of the
 * processor more, and the tests start some thousand of them.
 */
class Worker extends threads.Worker {
  constructor(body, options) {
    const isOurs = body instanceof URL && /-worker\.js$/.test(body.pathname);
    super(isOurs && existsSync(inBundle(body)) ? inBundle(body) : body, options);
  }
}

if (threads.Worker.name !== 'BundledWorker') {
  Object.defineProperty(Worker, 'name', { value: 'BundledWorker' });
  threads.Worker = Worker;
}
