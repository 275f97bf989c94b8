// Sends pages side by side, a few at a time, in the order in which they are made.
import type { Destination, Page, Part } from './destinations/destination.ts';

export type Unsent = Omit<Page, 'number'>;

/** Pages on their way: what memory they take does not grow with the cluster. */
const atOnce = 4;

export class PageSender {
  readonly #destination: Destination;
  #number = 0;

  constructor(destination: Destination) {
    this.#destination = destination;
  }

  /** Pages so far. */
  get count(): number {
    return this.#number;
  }

  /** Resolves once all are sent. @throws what the first that failed threw, once none is on its way any more. */
  async send(part: Part, bodies: AsyncIterable<Buffer>): Promise<void> {
    const open = new Set<Promise<void>>();
    let failure: { readonly error: unknown } | undefined;
    for await (const body of bodies) {
      const sent: Promise<void> = this.#destination
        .page({ part, number: ++this.#number, body })
        .catch((error: unknown) => {
          failure ??= { error };
        })
        .finally(() => open.delete(sent));
      open.add(sent);
      if (open.size >= atOnce) await Promise.race(open);
      if (failure) break;
    }
    await Promise.all(open);
    if (failure) throw failure.error;
  }
}
