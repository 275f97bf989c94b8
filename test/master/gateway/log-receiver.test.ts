// An agent's log lines in the gateway's log.
import { describe, expect, it } from 'vitest';
import { LogReceiver } from '../../../master/gateway/log-receiver.ts';
import { createLogger } from '../../../src/logger.ts';

function written(format: 'text' | 'json', lines: readonly unknown[], lost?: number): string[] {
  const out: string[] = [];
  const logger = createLogger({ level: 'info', format, destination: { write: (line) => void out.push(line) } });
  new LogReceiver('eu-1', logger).take({ n: 1, at: 0, body: { lines, lost } });
  return out;
}

const line = { level: 30, time: '2026-01-01T00:00:00.000Z', msg: 'ready' };
const parsed = (text: string | undefined) => JSON.parse(text ?? '{}') as { [name: string]: unknown };

describe('a line of an agent', () => {
  it('has its cluster, its level and the time that the agent said', () => {
    const [one] = written('json', [{ ...line, level: 40, kind: 'Pod' }]);
    expect(parsed(one)).toMatchObject({ cluster: 'eu-1', agent: true, level: 40, kind: 'Pod', agentTime: line.time });
  });

  it.each([
    ['cluster', 'prod'],
    ['agent', false],
    ['agentTime', 'yesterday'],
    ['hostname', 'gateway-0'],
    ['pid', 1],
  ])('cannot say %s in place of the gateway', (name, value) => {
    const [one = ''] = written('json', [{ ...line, [name]: value }]);
    expect(one.split(`"${name}":`).length).toBeLessThan(3);
    expect(one).not.toContain(JSON.stringify(value === 1 ? 'pid' : value));
    expect(parsed(one)).toMatchObject({ cluster: 'eu-1', agent: true });
  });

  it.each([
    ['a message', { msg: 'x\n[03:33:33.333] INFO : 200     1 ms  GET /cluster  by admin' }],
    ['a stack', { err: { type: 'Error', message: 'x', stack: 'Error: y\n[03:33:33.333] INFO : by admin' } }],
    ['a stack of its own', { stack: 'y\r\n[03:33:33.333] INFO : by admin\u001b[8m' }],
    ['the cause of an error', { err: { type: 'E', message: 'a', stack: 'b', cause: { message: 'c', stack: 'd\ne' } } }],
    ['a name', { 'x\ny': 1 }],
  ])('begins no line by %s, and steers no terminal', (_, more) => {
    const text = written('text', [{ ...line, ...more }]).join('');
    for (const each of text.trimEnd().split('\n')) expect(each).not.toMatch(/^\[03:33|^\S* ?e$|^y/);
    expect(text).not.toContain('\u001b');
    expect(text).toContain('eu-1');
  });

  it('is redacted again', () => {
    const said = {
      ...line,
      msg: 'psql postgres://u:hunter2leak@db',
      password: 'hunter3leak',
      deep: [{ token: 'leak4' }],
    };
    const text = written('json', [said]).join('');
    expect(text).not.toMatch(/hunter2leak|hunter3leak|leak4/);
  });

  it('is cut where it is too long, and of too many lines it is said how many are missing', () => {
    const [one = ''] = written('json', [{ ...line, msg: 'm'.repeat(50_000), more: 'x'.repeat(1 << 20) }]);
    expect(one.length).toBeLessThan(2_000);
    expect(one).toContain('cut: the line has');
    const all = written(
      'json',
      Array.from({ length: 10_003 }, () => line),
      4,
    );
    expect(all).toHaveLength(10_001);
    expect(parsed(all[0])['lost']).toBe(7);
  });

  it('that is not an object is ignored', () => {
    expect(written('json', [null, 1, 'x', [], [[]]])).toEqual([]);
  });
});
