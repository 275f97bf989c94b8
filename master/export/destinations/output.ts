// Standard output: page bodies as sent, uncompressed, one line each. A dry run prints only these; a real export ends with
// its manifest.
import type { Writable } from 'node:stream';
import { SendFailure } from '../failure.ts';
import type { Destination } from './destination.ts';

export function outputDestination(output: Writable, name: string, withManifest: boolean): Destination {
  let last: Promise<void> = Promise.resolve();
  // Each write reports its own error.
  output.on('error', () => undefined);
  /** Sequential, although pages are sent concurrently. */
  const write = (body: Buffer): Promise<void> => {
    last = last.then(() => written(output, body));
    return last;
  };
  return {
    name,
    open: async () => undefined,
    page: ({ body }) => write(lineOf(body)),
    async commit(manifest) {
      if (withManifest) await write(Buffer.from(`${JSON.stringify({ manifest })}\n`));
      await last;
    },
    abort: async () => undefined,
    change: (_revision, line) => write(lineOf(line)),
    close: async () => undefined,
  };
}

function lineOf(body: Buffer): Buffer {
  return body.at(-1) === 10 ? body : Buffer.concat([body, Buffer.from('\n')]);
}

function written(output: Writable, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) =>
    output.write(bytes, (error) =>
      error ? reject(new SendFailure('unreachable', 'it takes no more', error)) : resolve(),
    ),
  );
}
