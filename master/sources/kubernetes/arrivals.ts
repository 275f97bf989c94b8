// When the bytes of a stream came, not when somebody got round to them: while one go of events is handed over, what
// arrives meanwhile waits in the stream.
import { Readable } from 'node:stream';

/** Where in the stream what was there at some moment ended. */
interface Arrival {
  readonly end: number;
  readonly at: number;
}

/** The chunks of `body`; before each, `came` is told when the first byte of it was read from the socket, by `clock`. */
export async function* withArrivals(
  body: AsyncIterable<Buffer>,
  clock: () => number,
  came: (at: number) => void,
): AsyncGenerator<Buffer> {
  const arrivals: Arrival[] = [];
  let taken = 0;
  if (body instanceof Readable)
    body.on('readable', () => {
      const end = taken + body.readableLength;
      if (end > (arrivals.at(-1)?.end ?? taken)) arrivals.push({ end, at: clock() });
    });
  for await (const chunk of body) {
    came(arrivals[0]?.at ?? clock());
    taken += chunk.length;
    while (arrivals[0] && arrivals[0].end <= taken) arrivals.shift();
    yield chunk;
  }
}
