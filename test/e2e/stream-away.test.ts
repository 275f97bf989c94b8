// What a replica says of a NATS that is not there yet, dies and comes back: each thing once, and no stack.
import { Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { SharedConnection } from '../../master/stream/shared-connection.ts';
import { createLogger } from '../../src/logger.ts';
import { eventually } from '../support/engines/daemon.ts';
import { configOf } from '../support/fleet.ts';
import { natsServer, startNats } from '../support/nats-servers.ts';

const program = natsServer();

interface Line {
  readonly level: number;
  readonly msg: string;
  readonly code?: string;
  readonly err?: object;
}

function logging() {
  const lines: Line[] = [];
  const destination = new Writable({
    write(chunk: Buffer, _, done) {
      lines.push(JSON.parse(chunk.toString()) as Line);
      done();
    },
  });
  return { lines, logger: createLogger({ level: 'info', format: 'json', destination }) };
}

describe.skipIf(program === undefined)('a broker', () => {
  test('that is away is told once with its code, and once that it is back', async ({ onTestFinished }) => {
    const servers = await startNats(program ?? '', 1);
    onTestFinished(() => servers.close());
    const [server] = servers.all;
    await server?.kill();
    const { lines, logger } = logging();
    const connection = new SharedConnection(configOf(servers.stream), 'test', logger);
    onTestFinished(() => connection.close());
    for (let i = 0; i < 3; i++) await expect(connection.get()).rejects.toThrow(/refused|CONNECTION/i);
    expect(lines.map(({ level, msg }) => [level, msg])).toEqual([
      [40, 'NATS cannot be reached; it is tried again and again: connection refused'],
    ]);
    expect(lines[0]?.code).toMatch(/\w/);
    await server?.start();
    const nats = await connection.get();
    expect(nats.isUp).toBe(true);
    await server?.kill();
    await eventually('the loss to be told', 30_000, () => lines.length === 3);
    expect(nats.isUp).toBe(false);
    await server?.start();
    await eventually('the return to be told', 30_000, () => lines.length === 4);
    expect(nats.isUp).toBe(true);
    expect(lines.slice(1).map(({ level, code, msg }) => [level, code, msg.replace(/\d\S*/g, '…')])).toEqual([
      [30, undefined, 'connected to NATS … at …'],
      [40, 'nats_lost', 'NATS cannot be reached; it is tried again and again: the connection was lost'],
      [30, undefined, 'NATS is reached again'],
    ]);
    expect(lines.filter(({ err }) => err)).toEqual([]);
  });
});
