// Splits items into pages by size: never empty, and above the limit only for a single item.
export interface Item {
  /** For the manifest, if it is too large. */
  readonly id: string;
  readonly bytes: Buffer;
}

export interface PageLimits {
  /** Maximum bytes of a page's items. */
  readonly page: number;
  /** Maximum bytes of an item; larger ones are left out. */
  readonly item: number;
}

/** An item larger than a page, up to what endpoints accept, gets its own page. */
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
    // A separator between items.
    size += length + 1;
  }
  if (held.length > 0) yield held;
}
