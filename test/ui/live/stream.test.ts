import { expect, test } from 'vitest';
import { ApiError } from '../../../ui/live/api.ts';
import { follow } from '../../../ui/live/stream.ts';

type Turn = string | ApiError;

/** A master that answers each connection with one text, or refuses; returns what the client saw, in order. */
async function followed(...turns: Turn[]) {
  const stop = new AbortController();
  const seen: string[] = [];
  const asked: string[] = [];
  const waits: number[] = [];
  await follow({
    api: {
      async send(path, headers) {
        asked.push(`${path} ${headers['last-event-id']}`);
        const turn = turns.shift();
        if (turn === undefined) {
          stop.abort();
          throw new Error('over');
        }
        if (turn instanceof ApiError) throw turn;
        const bytes = new TextEncoder().encode(turn);
        const pieces = [bytes.slice(0, 7), bytes.slice(7)];
        return new Response(
          new ReadableStream({
            pull: (out) => {
              const piece = pieces.shift();
              if (piece) out.enqueue(piece);
              else out.close();
            },
          }),
        );
      },
    },
    narrowing: 'namespace=shop',
    from: 'abcd0123-1',
    signal: stop.signal,
    delay: async (ms) => void waits.push(ms),
    onChange: ({ revision }) => seen.push(`change ${revision}`),
    onResync: () => seen.push('resync'),
    onOpen: () => seen.push('open'),
    onLost: (error) => seen.push(`lost ${error?.status ?? ''}`),
  });
  return { seen, asked, waits };
}

test('changes come in order, and a lost connection begins again after the last that was seen', async () => {
  const { seen, asked } = await followed(
    'retry: 2000\nid: abcd0123-1\n\nid: abcd0123-5\nevent: change\ndata: {"revision":5}\n\n',
    ': heartbeat\nid: abcd0123-9\n\n',
    'id: ffff0000-2\nevent: resync\ndata: {"revision":2}\n\n',
  );
  expect(seen).toEqual(['open', 'change 5', 'lost ', 'open', 'lost ', 'open', 'resync', 'lost ']);
  expect(asked.map((each) => each.split(' ')[1])).toEqual(['abcd0123-1', 'abcd0123-5', 'abcd0123-9', 'ffff0000-2']);
  expect(asked[0]).toMatch(/^cluster\/watch\?namespace=shop /);
});

test('it waits longer each time nothing answers, as long as the master says where it says so, and not for a token', async () => {
  const offline = () => new ApiError(0, 'offline', 'x');
  const { waits } = await followed(offline(), offline(), offline(), new ApiError(503, 'overloaded', 'x', 5));
  expect(waits).toEqual([500, 1000, 2000, 5000]);
  const refused = await followed(new ApiError(401, 'unauthorized', 'x'), 'never');
  expect([refused.seen, refused.asked.length]).toEqual([['lost 401'], 1]);
});

test('a change that is cut off is not taken for seen', async () => {
  const { seen, asked } = await followed('id: abcd0123-7\nevent: change\ndata: {"revi');
  expect([seen, asked[1]]).toEqual([['open', 'lost '], 'cluster/watch?namespace=shop abcd0123-1']);
});
