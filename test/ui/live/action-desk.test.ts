import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ActionEntry } from '../../../ui/actions.ts';
import { ActionDesk } from '../../../ui/live/action-desk.ts';
import { ApiError } from '../../../ui/live/api.ts';

const document = {
  id: 'a',
  action: 'restart',
  target: { kind: 'Deployment', namespace: 'shop', name: 'web' },
};

function entry(more: Partial<ActionEntry> = {}): ActionEntry {
  const difference = [{ field: 'spec.replicas', before: 1, after: 2 }];
  return { id: 'a', state: 'dry-run', at: 'T', action: document, proposed: { by: 'me', at: 'T' }, difference, ...more };
}

function world() {
  const all = {
    entries: new Map([['a', entry()]]),
    staleSince: undefined as string | undefined,
    failure: undefined as ApiError | undefined,
    sent: [] as string[],
    asked: [] as string[],
    token: 'mine' as string | undefined,
    /** Ends one pause between two requests. */
    tick: () => undefined as void,
    etag: undefined as string | undefined,
  };
  const desk = new ActionDesk({
    cluster: 'east',
    api: {
      async ask(path, { etag } = {}) {
        all.asked.push(path);
        if (all.failure) throw all.failure;
        if (etag !== undefined && etag === all.etag) return undefined;
        const { entries, staleSince } = all;
        const body = path === 'actions' ? { actions: [...entries.values()], staleSince } : entries.get('a');
        return { body: structuredClone(body) as never, etag: all.etag };
      },
      async send(path, _headers, { method, body } = {}) {
        all.sent.push(`${method} ${path} ${body}`);
        if (all.failure) throw all.failure;
        return new Response(JSON.stringify(entry({ state: path.endsWith('approve') ? 'executing' : 'dry-run' })));
      },
    },
    hasToken: () => all.token !== undefined,
    pageToken: () => undefined,
    onToken: (token) => {
      all.token = token;
    },
    delay: () =>
      new Promise((resolve) => {
        all.tick = resolve;
      }),
    isHidden: () => false,
    onUpdate: () => undefined,
  });
  return { all, desk };
}

const settled = () => new Promise((resolve) => setTimeout(resolve));

test('a proposal is sent by the second step, once, and its outcome is followed until it is over', async () => {
  const { all, desk } = world();
  desk.prepareProposal(document);
  expect([all.sent, desk.isReady]).toEqual([[], true]);
  await Promise.all([desk.confirm(), desk.confirm()]);
  expect(all.sent).toEqual([`POST actions ${JSON.stringify(document)}`]);
  expect(desk.of('a')?.state).toBe('dry-run');
  all.entries.set('a', entry({ state: 'executed' }));
  desk.follow('own');
  await settled();
  expect(desk.of('a')?.state).toBe('executed');
  const { length } = all.asked;
  all.tick();
  await settled();
  expect(all.asked.length).toBe(length);
  desk.follow('none');
});

test('a decision shows the action as it is now; what is another by then is not sent', async () => {
  for (const other of [{ state: 'executed' }, { difference: [] }, { staleSince: 'T' }]) {
    const { all, desk } = world();
    desk.follow('all');
    await settled();
    await desk.prepare('approve', 'a');
    expect(desk.isReady).toBe(true);
    all.entries.set('a', entry(other));
    all.tick();
    await settled();
    await desk.confirm();
    expect([all.sent, desk.step, desk.saidOf('a')]).toEqual([[], undefined, expect.stringMatching(/another/)]);
    desk.follow('none');
  }
});

test('after any clicks only a second step on an action that can be decided sends something', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('approve', 'withdraw', 'cancel', 'propose', 'confirm', 'over', 'open'), {
        maxLength: 12,
      }),
      async (pressed) => {
        const { all, desk } = world();
        for (const each of pressed) {
          const [before, isReady] = [all.sent.length, desk.isReady];
          if (each === 'approve' || each === 'withdraw') await desk.prepare(each, 'a');
          if (each === 'cancel') desk.cancel();
          if (each === 'propose') desk.prepareProposal(document);
          if (each === 'over') all.entries.set('a', entry({ state: 'expired' }));
          if (each === 'open') all.entries.set('a', entry());
          if (each === 'confirm') await desk.confirm();
          expect(all.sent.length - before).toBe(each === 'confirm' && isReady ? 1 : 0);
        }
      },
    ),
    { numRuns: 100 },
  );
});

test('a refusal shows the words of the server, and a lost answer is reported', async () => {
  const { all, desk } = world();
  await desk.prepare('approve', 'a');
  all.failure = new ApiError(403, 'forbidden', 'you may not patch it');
  await desk.confirm();
  expect([desk.saidOf('a'), desk.step]).toEqual(['you may not patch it', undefined]);
  all.failure = undefined;
  await desk.prepare('approve', 'a');
  all.failure = new ApiError(0, 'offline', 'The master cannot be reached');
  await desk.confirm();
  expect(desk.saidOf('a')).toMatch(/cannot be reached.*Whether it arrived is not known/);
});

test('without a token nothing is asked; one that is refused is asked for again', async () => {
  const { all, desk } = world();
  all.token = undefined;
  desk.follow('all');
  await settled();
  expect([desk.needsToken, all.asked]).toEqual([true, []]);
  all.failure = new ApiError(401, 'unauthorized', 'Who are you?');
  desk.signIn('wrong');
  await settled();
  expect([desk.needsToken, desk.failure, desk.entries]).toEqual([true, 'Who are you?', undefined]);
  all.failure = undefined;
  desk.signIn('right');
  await settled();
  expect([desk.needsToken, desk.failure, desk.entries?.length]).toEqual([false, '', 1]);
  desk.follow('none');
});

test('an answer that is the same is not read again; what an actor that is away told last cannot be decided', async () => {
  const { all, desk } = world();
  all.etag = '"1"';
  all.staleSince = '2026-01-01T00:00:00Z';
  desk.follow('all');
  await settled();
  all.tick();
  await settled();
  expect([all.asked, desk.entries?.length, desk.staleSince]).toEqual([['actions', 'actions'], 1, all.staleSince]);
  expect(desk.of('a')?.staleSince).toBe(all.staleSince);
  desk.follow('none');
});
