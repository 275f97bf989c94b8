// Runs the command in this process, to test what it answers: a process of its own would take half a second each, and a core.
import { Readable, Writable } from 'node:stream';
import { statusOf } from '../../cli/main.ts';
import { type Ended, emptyHome, path } from './command-line.ts';

interface Settings {
  readonly env?: NodeJS.ProcessEnv;
  /** Standard input. */
  readonly input?: string;
}

/** As in a pipe, with a fully defined environment. */
export async function insightHere(args: readonly string[], { env = {}, input = '' }: Settings = {}): Promise<Ended> {
  const [out, err] = [collecting(), collecting()];
  const status = await statusOf(args, {
    env: { PATH: path, HOME: emptyHome, ...env },
    input: Readable.from(input === '' ? [] : [Buffer.from(input)]),
    out: out.stream,
    err: err.stream,
    colours: false,
    columns: undefined,
  });
  return { status, out: out.text(), err: err.text() };
}

/** A chunk may end within a character. */
function collecting() {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  return { stream, text: () => Buffer.concat(chunks).toString() };
}
