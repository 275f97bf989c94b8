// Sends a few pages concurrently, in order of creation.
import type { Destination, Page, Part } from './destinations/destination.ts';

export type Unsent = Omit<Page, 'number'>;

/** Maximum pages under way: memory does not depend on the cluster's size. */
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

  /** Resolves when all are sent. @throws the first error, after all pages under way have ended. */
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
