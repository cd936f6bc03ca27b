const { default: Sequencer } = require('@jest/test-sequencer');

/**
 * Files whose tests take longest, though they are short: they run programs or many schedules. Jest
 * orders by size what it has not run before, and would leave them to the end, one worker idle.
 */
const longest = [/\/test\/simulation\/(?:nodes|machine)\./, /\/test\/cli\//];

const rankOf = ({ path }) => {
  const rank = longest.findIndex((pattern) => pattern.test(path));
  return rank === -1 ? longest.length : rank;
};

module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    return super.sort(tests).toSorted((one, other) => rankOf(one) - rankOf(other));
  }
};
