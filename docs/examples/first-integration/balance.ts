import { client } from './client/client.gen.js';
import { balance } from './client/sdk.gen.js';

client.setConfig({ baseUrl: process.env.LEDGER, auth: process.env.KEY });

const { data, error } = await balance({
  path: { agencyId: 'mcn-9' },
  query: { effectiveAt: '2019-04-01T12:00:00+08:00' },
});
if (data === undefined) throw new Error(error.detail);
const { agencyId, balance: points, threshold, standing } = data;
console.log(`${agencyId}: ${points} of ${threshold} points on 1 April 2019, ${standing}`);
