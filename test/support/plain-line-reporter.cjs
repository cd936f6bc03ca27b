const { writeSync } = require('node:fs');

// CI reads the result from one line: "N passed, N failed", with ", N skipped" when there are any.
module.exports = class PlainLineReporter {
  onRunComplete(_contexts, results) {
    const passed = results.numPassedTests;
    // A file that does not even load has no failed test, yet it has failed.
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests + results.numTodoTests;
    // Jest names them only in its verbose form, and why something was left out is in the name.
    const left = results.testResults.flatMap(({ testResults }) =>
      testResults
        .filter(({ status }) => status === 'todo' || status === 'pending')
        .map(({ fullName }) => fullName),
    );
    const line = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
    // Jest's own summary always comes after the custom reporters; the line is to be the last one.
    process.once('exit', () =>
      writeSync(1, [...left.map((name) => `skipped: ${name}`), line, ''].join('\n')),
    );
  }
};
