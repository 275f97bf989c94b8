import { expect, it } from 'vitest';
import { callAfterBytes } from '../../../../master/ingest/pages/call-after-bytes.ts';
import type { PageReader } from '../../../../master/ingest/pages/reader.ts';
import type { Page } from '../../../../master/sources/kubernetes/page.ts';

const pageOf = (length: number): Page =>
  ({ memory: new ArrayBuffer(0), length, managed: undefined }) as unknown as Page;

it('calls once, before the page is read with which enough has come, and reads every page', async () => {
  const happened: string[] = [];
  const reader: PageReader = {
    read: async (type, page) => {
      happened.push(`${type} ${page.length}`);
      return { page, prepared: undefined, refusals: [] };
    },
    close: async () => void happened.push('closed'),
  };
  const watched = callAfterBytes(reader, 10, () => happened.push('much'));
  for (const length of [4, 5, 1, 20]) await watched.read('Pod', pageOf(length));
  await watched.close();
  expect(happened).toEqual(['Pod 4', 'Pod 5', 'much', 'Pod 1', 'Pod 20', 'closed']);
});
