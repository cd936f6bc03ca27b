const { writeSync } = require('node:fs');

// CI reads the result from one line: "N passed, N failed", with ", N skipped" when there are any.
module.exports = class PlainLineReporter {
  onRunComplete(_contexts, results) {
    const passed = results.numPassedTests;
    // A file that does not even load has no failed test, yet it has failed.
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests + results.numTodoTests;
    const line = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
    // Jest's own summary always comes after the custom reporters; the line is to be the last one.
    process.once('exit', () => writeSync(1, `${line}\n`));
  }
};
