// Times at which a stream's bytes arrived, not at which they were read: during the processing of events, new bytes wait in
// the stream.
import { Readable } from 'node:stream';

/** The end of the stream at some moment. */
interface Arrival {
  readonly end: number;
  readonly at: number;
}

/** The chunks of `body`; before each it calls `came` with the time, by `clock`, at which its first byte was received. */
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
