import { runProgram } from './run.js';

// After an error standard input may still be open, and would keep the process alive.
if (!(await runProgram(process.argv.slice(2)))) process.stdin.destroy();
