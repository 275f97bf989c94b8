import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isCounted } from '../../../../minion/probes/tcp/address.ts';
import { Connections, type StateChange, tcpStates, usualLimits } from '../../../../minion/probes/tcp/connections.ts';

const { synSent, established, close, listen } = tcpStates;
const finWait = 4;
const client = { host: '10.0.0.1', port: 40_000 };
const server = { host: '10.0.0.2', port: 5432 };
const second = 1e9;

function world(limits = usualLimits) {
  const drops: string[] = [];
  const connections = new Connections((what) => drops.push(what), limits);
  let time = 0;
  const say = (socket: number, before: number, after: number, more: Partial<StateChange> = {}) =>
    connections.change(
      { time: (time += second), socket, before, after, source: client, target: server, owner: undefined, ...more },
      time / 1e6,
    );
  return {
    drops,
    connections,
    say,
    begin: (socket: number, owner = 'a', target = server) => say(socket, close, synSent, { owner, target }),
    open: (socket: number) => say(socket, synSent, established),
    refuse: (socket: number) => say(socket, synSent, close),
    end(socket: number) {
      say(socket, established, finWait);
      say(socket, finWait, close);
    },
  };
}

describe('connections', () => {
  test('opened, failed, open and the time that opening took are counted by who dialled', () => {
    const { connections, begin, open, refuse, end } = world();
    begin(1);
    open(1);
    begin(2);
    refuse(2);
    begin(3, 'b');
    open(3);
    end(1);
    expect(
      connections
        .flows()
        .map(({ owner, opened, failed, open: now, seconds, lastFailed }) => [
          ...[owner, opened, failed, now, seconds, lastFailed],
        ]),
    ).toEqual([
      ['a', 1, 1, 0, 1, true],
      ['b', 1, 0, 1, 1, false],
    ]);
  });

  test('a socket whose place in memory is used again is another one', () => {
    const { connections, begin, open, end } = world();
    for (const owner of ['a', 'b']) {
      begin(7, owner);
      open(7);
      end(7);
    }
    expect(connections.flows().map(({ owner, opened, open: now }) => [owner, opened, now])).toEqual([
      ['a', 1, 0],
      ['b', 1, 0],
    ]);
  });

  test('accepted connections are not counted as dialled ones', () => {
    const { connections, say, end } = world();
    say(9, 3, established);
    end(9);
    expect(connections.flows()).toEqual([]);
  });

  test('segments sent again count where they were sent, also while opening', () => {
    const { connections, begin, open, refuse } = world();
    begin(1);
    connections.retransmitted(1);
    open(1);
    connections.retransmitted(1);
    begin(2);
    connections.retransmitted(2);
    refuse(2);
    connections.retransmitted(99);
    expect(connections.flows().map(({ retransmits }) => retransmits)).toEqual([3]);
  });

  test('where a connection went is learnt later, and then it counts there, open or ended', () => {
    const { connections, begin, open, end } = world();
    for (const socket of [1, 2]) {
      begin(socket);
      open(socket);
    }
    end(2);
    expect(connections.waitsForTranslation).toBe(true);
    connections.translate(() => '10.9.9.9:8080', 0);
    expect(connections.waitsForTranslation).toBe(false);
    expect(
      connections
        .flows()
        .map(({ destination, actual, opened, open: now, seconds }) => [...[destination, actual, opened, now, seconds]]),
    ).toEqual([['10.0.0.2:5432', '10.9.9.9:8080', 2, 1, 2]]);
  });

  test('of a destination that is not translated only some are looked up, and all again once one is', () => {
    const { connections, begin, open, end, drops } = world({ ...usualLimits, waitingOfDirect: 2, waiting: 6 });
    const dial = (count: number) => {
      for (let socket = 1; socket <= count; socket++) {
        begin(socket);
        open(socket);
        end(socket);
      }
    };
    const lookedUp = (actual: string | undefined) => {
      let asked = 0;
      connections.translate(() => {
        asked++;
        return actual;
      }, 0);
      return asked;
    };
    dial(5);
    expect(lookedUp(undefined)).toBe(5);
    dial(5);
    expect(lookedUp('10.9.9.9:1')).toBe(2);
    dial(9);
    expect(lookedUp('10.9.9.9:1')).toBe(6);
    expect(drops).toEqual(['translations', 'translations', 'translations']);
    const counts = connections.flows().map(({ actual, opened }) => [actual, opened]);
    expect(counts).toEqual([
      [undefined, 11],
      ['10.9.9.9:1', 8],
    ]);
  });

  test('a connection whose end was lost ends when its place is used again, or when it is not there any more', () => {
    const { connections, begin, open } = world();
    const ports = (socket: number) => begin(socket, 'a', { host: '10.0.0.2', port: socket });
    for (const socket of [1, 2, 3]) {
      ports(socket);
      open(socket);
    }
    begin(1, 'b', { host: '10.0.0.2', port: 1 });
    ports(4);
    const openNow = () => connections.flows().map(({ destination, open: now }) => `${destination} ${now}`);
    expect(openNow()).toEqual(['10.0.0.2:1 0', '10.0.0.2:2 1', '10.0.0.2:3 1']);
    connections.reconcile('a', new Set(['10.0.0.1:40000 10.0.0.2:3']), Number.MAX_SAFE_INTEGER, 0);
    connections.reconcile('b', new Set(), Number.MAX_SAFE_INTEGER, 0);
    open(4);
    connections.reconcile('a', new Set(), 1, 0);
    expect(openNow()).toEqual(['10.0.0.2:1 0', '10.0.0.2:2 0', '10.0.0.2:3 1', '10.0.0.2:4 1']);
  });

  test('an address is reported while any socket listens on it, also from before the start', () => {
    const { connections, say } = world();
    const all = { source: { host: '0.0.0.0', port: 80 }, owner: 'a' };
    say(1, close, listen, all);
    say(2, close, listen, all);
    say(1, listen, close, all);
    connections.foundListening('b', { host: '::', port: 443 }, 0);
    say(3, close, listen, { source: { host: '127.0.0.1', port: 9 }, owner: 'a' });
    expect(connections.listens().map(({ owner, address, open }) => [owner, address, open])).toEqual([
      ['a', '0.0.0.0:80', 1],
      ['b', '[::]:443', 1],
    ]);
  });

  test('a connection from before the first event ends when either side reports its end', () => {
    const { connections, say } = world();
    connections.found('a', client, server, 0);
    say(5, established, close);
    expect(connections.flows().map(({ open, opened }) => [open, opened])).toEqual([[0, 0]]);
  });

  test('flows beyond the limit are counted as omitted, and flows that ended long ago are forgotten', () => {
    const { connections, begin, open, end, drops } = world({ ...usualLimits, flowsOfOwner: 2 });
    for (const port of [1, 2, 3]) {
      begin(port, 'a', { host: '10.0.0.9', port });
      open(port);
      end(port);
    }
    expect(connections.flows()).toHaveLength(2);
    expect(drops).toEqual(['destinations']);
    connections.forget(1e9);
    expect(connections.flows()).toEqual([]);
  });

  test('ignores loopback and link-local addresses', () => {
    const hosts = ['127.0.0.1', '127.8.8.8', '::1', '169.254.169.254', 'fe80::1', '0.0.0.0', '10.0.0.1', 'fd00::1'];
    expect(hosts.filter(isCounted)).toEqual(['10.0.0.1', 'fd00::1']);
  });

  test('the number of open connections is never negative or above those opened, whatever comes in whatever order', () => {
    const states = fc.constantFrom(synSent, established, close, listen, finWait, 3);
    const change = fc.record({
      socket: fc.nat(4),
      before: states,
      after: states,
      owner: fc.constantFrom('a', 'b', undefined),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 60 }), fc.nat(30), (changes, translateAt) => {
        const { connections, say } = world();
        for (const [at, { socket, before, after, owner }] of changes.entries()) {
          say(socket, before, after, { owner });
          if (at === translateAt) connections.translate(() => '10.9.9.9:1', 0);
        }
        for (const { open, opened, seconds, retransmits } of connections.flows()) {
          expect(open).toBeGreaterThanOrEqual(0);
          expect(open).toBeLessThanOrEqual(opened);
          expect(seconds).toBeGreaterThanOrEqual(0);
          expect(retransmits).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });
});
