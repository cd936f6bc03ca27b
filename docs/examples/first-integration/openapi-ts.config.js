/** Node's modules name their files whole: the generated ones import each other with `.js`. */
export default {
  input: `${process.env.LEDGER}/openapi.json`,
  output: { path: 'client', importFileExtension: '.js' },
  plugins: ['@hey-api/client-fetch'],
  logs: { level: 'silent' },
};
