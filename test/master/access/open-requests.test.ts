import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { expect, it } from 'vitest';
import { createOpenRequests } from '../../../master/access/open-requests.ts';
import { silentLogger } from '../../../src/logger.ts';
import { stillClock } from '../../support/still-clock.ts';

function createResponse() {
  const response = Object.assign(new EventEmitter(), {
    destroyed: false,
    destroy() {
      response.destroyed = true;
      response.emit('close');
    },
  });
  return response as unknown as ServerResponse & EventEmitter;
}

function create(standingOf: (authorization: string | undefined) => Promise<string | undefined>) {
  const state = { now: 0 };
  const cut: string[] = [];
  const open = createOpenRequests({
    standingOf,
    clock: stillClock(() => state.now),
    logger: silentLogger,
    onCut: (reason) => void cut.push(reason),
  });
  const add = (authorization: string | undefined, standing: string | undefined, endless = true) => {
    const response = createResponse();
    open.add({ response, caller: 'ann', tenant: 'user ann', authorization, standing, endless });
    return response;
  };
  return { open, add, state, cut };
}

it('asks once for all open requests of a caller, and ends those whose rights have changed', async () => {
  const asked: (string | undefined)[] = [];
  const { open, add, cut } = create(async (authorization) => {
    asked.push(authorization);
    return authorization === 'ann' ? 'ann *' : undefined;
  });
  const [kept, changed, gone] = [add('ann', 'ann *'), add('ann', 'ann a'), add('bob', 'bob *')];
  await open.look();
  expect(asked.toSorted()).toEqual(['ann', 'bob']);
  expect([kept.destroyed, changed.destroyed, gone.destroyed]).toEqual([false, true, true]);
  expect(open.size).toBe(1);
  expect(cut).toEqual(['rights', 'rights']);
});

it('keeps a request while its rights cannot be asked for a short time, and then ends it', async () => {
  let works = false;
  const { open, add, cut } = create(async () => {
    if (!works) throw new Error('down');
    return 'ann *';
  });
  const response = add('ann', 'ann *');
  await open.look();
  works = true;
  await open.look();
  works = false;
  await open.look();
  expect(response.destroyed).toBe(false);
  await open.look();
  expect(response.destroyed).toBe(true);
  expect(cut).toEqual(['rights_unknown']);
});

it('lets a download take half an hour and a stream as long as it likes, known caller or not', async () => {
  const { open, add, state } = create(async (authorization) => authorization && 'ann *');
  const all = [
    add('ann', 'ann *', false),
    add(undefined, undefined, false),
    add('ann', 'ann *'),
    add(undefined, undefined),
  ];
  state.now = 1_800_000;
  await open.look();
  expect(all.map(({ destroyed }) => destroyed)).toEqual([false, false, false, false]);
  state.now++;
  await open.look();
  expect(all.map(({ destroyed }) => destroyed)).toEqual([true, true, false, false]);
});

it('forgets finished requests, and those finished before they were recorded', async () => {
  const { open, add } = create(async () => undefined);
  const response = add('ann', 'x');
  response.emit('close');
  expect(open.size).toBe(0);
  const late = createResponse();
  late.destroy();
  open.add({ response: late, caller: '', tenant: '', authorization: undefined, standing: undefined, endless: false });
  expect(open.size).toBe(0);
});
