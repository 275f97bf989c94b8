// Every view at three widths, and in the dark at the widest and the narrowest, checked by axe-core; any other complaint of the
// browser is a fault.
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { violations } from '../../support/axe-violations.ts';
import { type DemoMaster, startDemoMaster } from '../../support/demo-master.ts';
import { go, missingBrowser, openWatched, startBrowser, type Watched } from '../../support/watched-page.ts';

const middle = 768;
const widths = [1440, middle, 320];
const [light, dark] = ['light', 'dark'] as const;

/** A place, and the keys pressed there. */
const looks: readonly {
  readonly name: string;
  readonly hash: string;
  readonly keys?: readonly string[];
  readonly drawn?: string;
}[] = [
  { name: 'wall', hash: '' },
  { name: 'all findings', hash: '#/findings', drawn: '.finding' },
  { name: 'findings by namespace', hash: '#/findings?group=namespace&classes=advice', drawn: '.finding' },
  { name: 'wall by a label', hash: '#/wall?by=label:app', drawn: '.label-key' },
  { name: 'wall as a mosaic', hash: '#/wall?by=application&size=dot' },
  { name: 'all of a type', hash: '#/selection?type=Pod' },
  { name: 'wall by type', hash: '#/wall?by=type', keys: ['ArrowDown'] },
  { name: 'lanes', hash: '#/lanes?namespace=web' },
  {
    name: 'a card that is looked at, with its panel',
    hash: '#/namespace?namespace=shop&focus=Deployment%3Ashop%2Ffrontend',
    keys: ['y'],
  },
  {
    name: 'lanes of all families as names',
    hash: '#/lanes?namespace=shop&families=traffic,ownership,use,control,policy,identity,placement,other&infrastructure=1&size=name',
  },
  { name: 'dots', hash: '#/lanes?namespace=shop&size=dot' },
  { name: 'applications', hash: '#/applications?namespace=shop' },
  { name: 'around', hash: '#/around?id=Deployment%3Aweb%2Fstorefront&focus=Deployment%3Aweb%2Fstorefront' },
  { name: 'impact', hash: '#/impact?id=Secret%3Ashop%2Fredis-pass' },
  { name: 'path', hash: '#/path?id=Ingress%3Ashop%2Fshop&to=Secret%3Ashop%2Fredis-pass' },
  {
    name: 'changes',
    hash: '#/changes?namespace=shop&since=-1s&until=now',
  },
  { name: 'the past of a card', hash: '#/lanes?namespace=shop&focus=Deployment%3Ashop%2Ffrontend', keys: ['h'] },
  { name: 'table', hash: '#/lanes?namespace=shop&table=1', drawn: 'table' },
  { name: 'filters', hash: '#/lanes?namespace=shop', keys: ['f'] },
  { name: 'search', hash: '', keys: ['/', 'r', 'e', 'd'] },
  { name: 'keys', hash: '', keys: ['?'] },
  { name: 'nothing of that name', hash: '#/around?id=Pod%3Ashop%2Fnone', drawn: '.bad' },
];

describe.skipIf(missingBrowser !== undefined)('how the page looks', () => {
  let master: DemoMaster;
  let browser: Browser;
  let watched: Watched;

  beforeAll(async () => {
    // Build the page before the master reads it.
    browser = await startBrowser();
    master = await startDemoMaster();
    watched = await openWatched(browser, master.url);
  });

  afterAll(async () => {
    await browser?.close();
    await master?.close();
  });

  test.each(looks)('$name', async ({ hash, keys = [], drawn }) => {
    const { page, faults } = watched;
    await page.setViewportSize({ width: widths[0] ?? 0, height: 900 });
    await go(page, master.url, hash, drawn);
    for (const key of keys) await page.keyboard.press(key);
    if (keys.includes('/')) await page.locator('#found li').first().waitFor();
    for (const width of widths) {
      await page.setViewportSize({ width, height: 900 });
      for (const colorScheme of width === middle ? [light] : [light, dark]) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        await page.evaluate(`new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))`);
        const coloursAlone = colorScheme === 'dark';
        expect(await violations(page, { coloursAlone }), `${width} ${colorScheme}`).toEqual([]);
        const wide = await page.evaluate<number>('document.documentElement.scrollWidth');
        expect(wide, `nothing but the map scrolls aside at ${width}`).toBeLessThanOrEqual(width);
      }
    }
    // The browser itself logs refused requests.
    const expected = drawn === '.bad' ? /status of 404/ : /^$/;
    expect(faults.splice(0).filter((each) => !expected.test(each))).toEqual([]);
  });

  test('forced colours and print keep what they need', async () => {
    const { page, faults } = watched;
    await page.emulateMedia({ forcedColors: 'active', colorScheme: 'light' });
    await go(page, master.url, '#/lanes?namespace=web');
    const borders = await page.evaluate<string[]>(
      `[...document.querySelectorAll('.card')].map((card) => getComputedStyle(card).borderStyle)`,
    );
    expect(borders.every((style) => style !== 'none')).toBe(true);
    expect(borders).toContain('dashed');
    await page.emulateMedia({ forcedColors: 'none', media: 'print' });
    expect(await page.locator('.tools').isVisible()).toBe(false);
    expect(await page.locator('.card').first().isVisible()).toBe(true);
    await page.emulateMedia({ media: 'screen' });
    expect(faults.splice(0)).toEqual([]);
  });
});
