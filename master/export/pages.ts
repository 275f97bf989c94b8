// Cuts items into pages by their bytes: none is empty, and none is over the limit unless a single item is.
export interface Item {
  /** For the manifest, should it be too large. */
  readonly id: string;
  readonly bytes: Buffer;
}

export interface PageLimits {
  /** Bytes of the items of one page. */
  readonly page: number;
  /** Bytes of one item: what has more is no part of any page. */
  readonly item: number;
}

/** An item that is larger than a page, and no larger than an endpoint takes, has a page of its own. */
export const largestItem = 1_536_000;

export async function* pagesOf(
  items: AsyncIterable<Item> | Iterable<Item>,
  { page, item: most }: PageLimits,
  onOversize: (item: Item) => void,
): AsyncGenerator<readonly Item[]> {
  let held: Item[] = [];
  let size = 0;
  for await (const item of items) {
    const { length } = item.bytes;
    if (length > most) {
      onOversize(item);
      continue;
    }
    if (held.length > 0 && size + length + 1 > page) {
      yield held;
      held = [];
      size = 0;
    }
    held.push(item);
    // Something stands between each two.
    size += length + 1;
  }
  if (held.length > 0) yield held;
}
