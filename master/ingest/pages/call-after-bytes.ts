// A reader of pages that says once when much has come.
import type { PageReader } from './reader.ts';

/** Reads with `reader`, and calls `onMuch` before the page with which `bytes` have come. */
export function callAfterBytes(reader: PageReader, bytes: number, onMuch: () => void): PageReader {
  let left = bytes;
  return {
    read(type, page) {
      if (left > 0) {
        left -= page.length;
        if (left <= 0) onMuch();
      }
      return reader.read(type, page);
    },
    close: () => reader.close(),
  };
}
