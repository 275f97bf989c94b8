// Runs the command in this process, to test its output: a separate process would take half a second each.
import { Writable } from 'node:stream';
import { statusOf } from '../../cli/main.ts';
import type { Ended } from './command-line.ts';

/** As on a terminal with that many columns; without `columns`, as in a pipe. */
export async function insightHere(args: readonly string[], columns?: number): Promise<Ended> {
  const texts = { out: '', err: '' };
  const streamInto = (name: keyof typeof texts) =>
    new Writable({
      write(chunk, _encoding, done) {
        texts[name] += String(chunk);
        done();
      },
    });
  const status = await statusOf(args, { out: streamInto('out'), err: streamInto('err'), colours: false, columns });
  return { status, ...texts };
}
