// The pictures of docs/ui.md and of the README, from the real page over the demo cluster: `npm run pictures`.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { startDemoMaster } from './support/demo-master.ts';
import { root } from './support/source-tree.ts';
import { go, openWatched, startBrowser } from './support/watched-page.ts';

interface PictureOf {
  readonly name: string;
  readonly hash: string;
  readonly dark?: true;
  /** Selector of what must be there when it is drawn. */
  readonly drawn: string;
}

const frontend = encodeURIComponent('Deployment:shop/frontend');
const storefront = encodeURIComponent('Deployment:web/storefront');
const pictures: readonly PictureOf[] = [
  { name: 'wall', hash: '#/wall', drawn: '.worst li' },
  { name: 'lanes', hash: `#/lanes?namespace=shop&focus=${frontend}`, drawn: '#panel .sentence' },
  { name: 'around', hash: `#/around?id=${storefront}&focus=${storefront}`, dark: true, drawn: '#panel .sentence' },
  { name: 'findings', hash: '#/findings?namespaces=web', dark: true, drawn: '.finding' },
];

/** A fifth of the bytes; encoded by the browser. */
async function asWebp(from: Browser, png: Buffer): Promise<Buffer> {
  const page = await from.newPage();
  const url = await page.evaluate<string>(`(async () => {
    const image = await createImageBitmap(await (await fetch('data:image/png;base64,${png.toString('base64')}')).blob());
    const canvas = Object.assign(document.createElement('canvas'), { width: image.width, height: image.height });
    canvas.getContext('2d').drawImage(image, 0, 0);
    return canvas.toDataURL('image/webp', 0.86);
  })()`);
  await page.close();
  return Buffer.from(url.slice(url.indexOf(',') + 1), 'base64');
}

const browser = await startBrowser();
const master = await startDemoMaster();
try {
  const folder = join(root, 'docs/ui');
  mkdirSync(folder, { recursive: true });
  for (const { name, hash, dark, drawn } of pictures) {
    const options = {
      viewport: { width: 1600, height: 800 },
      colorScheme: dark ? ('dark' as const) : ('light' as const),
    };
    const { page, context } = await openWatched(browser, master.url, options);
    await go(page, master.url, hash, drawn);
    // Data from other requests than the graph's arrives a moment later.
    for (const part of [drawn, '.how-many', 'footer.time']) await page.locator(part).first().waitFor();
    const picture = await page.screenshot();
    writeFileSync(join(folder, `${name}.webp`), await asWebp(browser, picture));
    await context.close();
  }
} finally {
  await master.close();
  await browser.close();
}
