import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { NodeFiles } from '../../../../minion/probes/logs/node-files.ts';
import { probedNode, reportOf, roundOf } from '../../../support/probe-round.ts';

let root: string;
const opened: NodeFiles[] = [];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'varlog-'));
  mkdirSync(join(root, 'var/log/nginx'), { recursive: true });
});
afterEach(() => {
  for (const files of opened.splice(0)) files.close();
  rmSync(root, { recursive: true });
});

const at = (name: string) => join(root, 'var/log', name);
const add = (name: string, text: string) => appendFileSync(at(name), text);
/** A line that rsyslog writes. */
const line = (text: string) => `Nov 28 20:00:00 node-a app[7]: ${text}\n`;
function begin() {
  const { node, warned } = probedNode(root);
  const files = new NodeFiles(node);
  opened.push(files);
  /** New files are looked for now and then. */
  const tell = async (looks = 10) => {
    for (let look = 0; look < looks; look++) await files.look();
    const { series, dropped } = await reportOf((out) => files.samples(roundOf([]), out));
    const lines = series.map(({ container, metric, value, labels: { source, level, sample } }) => {
      expect([container, metric]).toEqual([undefined, 'node_log_messages_total']);
      return `${source} ${level} ${value}${sample ? ` ${sample}` : ''}`;
    });
    return { lines: lines.toSorted(), dropped };
  };
  return { tell, warned };
}

describe('log files of the node', () => {
  test('are counted from their end on, by level and pattern', async () => {
    add('syslog', line('error: long ago'));
    for (const name of ['auth.log', 'nginx/error.log', 'messages', 'kern.log', 'daemon.log']) add(name, '');
    const { tell } = begin();
    for (const user of ['ann', 'bob']) add('syslog', line(`error: no mail for "${user}"`));
    add('syslog', '<12>1 2026-11-28T20:00:00Z node-a app - - - slow\n');
    add('syslog', '2026-11-28T20:00:00.1+00:00 node-a app: hello\n');
    add('auth.log', line('Accepted publickey'));
    add('nginx/error.log', '2026/11/28 20:00:00 [error] 7#7: failed\n\tmore of it\n2026/11/28 20:00:01 [warn] x\n');
    expect(await tell(2)).toEqual({
      lines: [
        '/var/log/auth.log unknown 1',
        '/var/log/nginx/error.log error 1 2026/11/28 20:00:00 [error] 7#7: failed\n\tmore of it',
        '/var/log/nginx/error.log warning 1 2026/11/28 20:00:01 [warn] x',
        '/var/log/syslog error 2 error: no mail for "ann"',
        '/var/log/syslog unknown 1',
        '/var/log/syslog warning 1 slow',
      ],
      dropped: {},
    });
  });

  test('are followed through rotations: renamed, emptied, and archived under a name that is like theirs', async () => {
    for (const name of ['syslog', 'a.log', 'b.log', 'c.log']) add(name, '');
    const { tell } = begin();
    for (const name of ['syslog', 'a.log', 'b.log', 'c.log']) add(name, 'ERROR longword\n');
    renameSync(at('syslog'), at('syslog.1'));
    add('syslog', 'ERROR two\n');
    await tell(1);
    copyFileSync(at('a.log'), at('a-20261128.log'));
    truncateSync(at('a.log'));
    add('a.log', 'ERROR two\n');
    renameSync(at('b.log'), at('old-b.log'));
    add('b.log', 'ERROR three\n');
    renameSync(at('c.log'), at('c.1.log'));
    add('c.log', 'ERROR four\n');
    const errors = ({ lines }: { readonly lines: readonly string[] }) =>
      lines.map((each) => each.split(' ').slice(0, 3).join(' '));
    const told = errors(await tell(11));
    expect(told).toEqual([
      '/var/log/a.log error 2',
      '/var/log/b.log error 2',
      '/var/log/c.log error 2',
      '/var/log/syslog error 2',
    ]);
    expect(errors(await tell(20))).toEqual(told);
  });

  test('that come later are read from their beginning; those that go are forgotten', async () => {
    const { tell } = begin();
    add('late.log', 'ERROR at once\n');
    expect((await tell(11)).lines).toEqual(['/var/log/late.log error 1 ERROR at once']);
    rmSync(at('late.log'));
    expect((await tell(70)).lines).toEqual([]);
  });

  test('are neither other sources’ files, nor links, pipes or archives', async () => {
    mkdirSync(at('pods'));
    mkdirSync(at('journal'));
    const { tell } = begin();
    for (const name of ['pods/a.log', 'journal/a.log', 'wtmp', 'a.log.1', 'a.log.gz', 'elsewhere'])
      add(name, 'ERROR not mine\n');
    symlinkSync(at('elsewhere'), at('link.log'));
    expect(spawnSync('mkfifo', [at('pipe.log')]).status).toBe(0);
    expect(await tell()).toEqual({ lines: [], dropped: {} });
  });

  test('with a number or date in their name are archives only beside the file that they are of', async () => {
    for (const name of ['server.log', 'db.log']) add(name, '');
    const { tell } = begin();
    for (const name of ['worker-1.log', 'daily-20261128.log', 'Xorg.0.log', 'db-2026-11-28.log', 'server.1.log'])
      add(name, 'ERROR here\n');
    renameSync(at('server.log'), at('server.2.log'));
    expect((await tell(11)).lines).toEqual([
      '/var/log/Xorg.0.log error 1 ERROR here',
      '/var/log/daily-20261128.log error 1 ERROR here',
      '/var/log/worker-1.log error 1 ERROR here',
    ]);
  });

  test('beyond the bound are counted', async () => {
    for (let count = 0; count < 103; count++) add(`${count}a.log`, '');
    const { tell } = begin();
    expect((await tell()).dropped).toEqual({ 'log files of the node': 3 });
  });
});
