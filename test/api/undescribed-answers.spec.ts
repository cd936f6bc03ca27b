import { EventFeed } from '@penalty-ledger/application';
import { ApiKeys, type ApiKey } from '@penalty-ledger/application/api-keys';
import { testService } from './service.js';

const held = testService();

/** A member that no schema has, as a mistake could add it. */
const slipped = { complainant: 'Ms Li' };

afterEach(() => {
  jest.restoreAllMocks();
});

describe('an answer with a member that its schema lacks is not sent, and is an error', () => {
  it('of a query', async () => {
    const { current } = held;
    expect((await current.get('/events')).status).toBe(200);
    const page = { items: [], ...slipped };
    jest.spyOn(EventFeed.prototype, 'page').mockResolvedValue(page);
    const { status, text, body } = await current.get('/events');
    expect({ status, code: body['code'] }).toEqual({ status: 500, code: 'internal' });
    expect(text).not.toContain('Ms Li');
  });

  it('of what is administered', async () => {
    const { current } = held;
    const as = current.tokens['administrator']!;
    const { body: listed } = await current.get('/keys', { as });
    const [key] = listed['items'] as readonly [ApiKey];
    const mistaken = { ...key, ...slipped };
    jest.spyOn(ApiKeys.prototype, 'list').mockReturnValue([mistaken]);
    const { status, text, body } = await current.get('/keys', { as });
    expect({ status, code: body['code'] }).toEqual({ status: 500, code: 'internal' });
    expect(text).not.toContain('Ms Li');
  });
});
