// The live page in headless Chromium: time until something is visible, bytes loaded, and the cost of live changes.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import axe from 'axe-core';
import type { Browser } from 'playwright-core';
import { buildUi } from '../../install/build-ui.ts';
import { type DemoMaster, startDemoMaster } from '../support/demo-master.ts';
import { root } from '../support/source-tree.ts';
import { go, openWatched, positions, startBrowser } from '../support/watched-page.ts';
import { median } from './http.ts';
import { startApi, startMaster } from './processes.ts';
import { ms, type Row } from './table.ts';

/** Page loads of a figure, and changes at 100/s. */
interface Effort {
  readonly rounds: number;
  readonly changes: number;
}

const usual: Effort = { rounds: 5, changes: 3000 };
const quick: Effort = { rounds: 1, changes: 300 };

/** `parts`: divides the sizes of census and limit for the overview of groups. `isQuick`: whether it runs at all, in a minute. */
export async function uiRows(folder: string, parts: number, isQuick = false): Promise<Row[]> {
  const effort = isQuick ? quick : usual;
  const target = join(root, 'ui/dist');
  const { first, all } = await buildUi(target);
  const browser = await startBrowser();
  try {
    return [
      ...sizeRows(first, all, bytesOf(target)),
      ...(await demoRows(browser, effort)),
      await wallRow(browser, folder, { name: 'census', parts, most: 1500, ...effort }),
      await wallRow(browser, folder, { name: 'limit', parts, most: 2000, ...effort }),
    ];
  } finally {
    await browser.close();
  }
}

function sizeRows(first: number, all: number, image: number): Row[] {
  const yardstick = `all files ${kilobytes(all)}`;
  return [
    {
      figure: 'ui: loaded at the start, gzip',
      target: '≤ 60 kB',
      measured: kilobytes(first),
      yardstick,
      met: first <= 60_000,
    },
    {
      figure: 'ui: more in the image',
      target: '≤ 150 kB',
      measured: kilobytes(image),
      yardstick: 'gzip and brotli of each file',
      met: image <= 150_000,
    },
  ];
}

function bytesOf(target: string): number {
  return readdirSync(target).reduce((sum, name) => sum + statSync(join(target, name)).size, 0);
}

async function demoRows(browser: Browser, effort: Effort): Promise<Row[]> {
  const master = await startDemoMaster();
  try {
    const paint = await firstPaint(browser, master.url, '#/lanes?namespace=shop', effort);
    return [
      { figure: 'ui: demo lanes, first card', target: '≤ 0.8 s', ...paint, met: paint.value <= 800 },
      await axeRow(browser, master.url),
      await tabsRow(browser, master),
      ...(await changeRows(browser, master, effort)),
    ];
  } finally {
    await master.close();
  }
}

interface Wall extends Effort {
  readonly name: 'census' | 'limit';
  readonly parts: number;
  /** Milliseconds. */
  readonly most: number;
}

async function wallRow(browser: Browser, folder: string, { name, parts, most, ...effort }: Wall) {
  const api = await startApi(folder, name, parts, 1);
  try {
    const master = await startMaster({ folder, kubeconfig: api.kubeconfigFile });
    try {
      const paint = await firstPaint(browser, master.url, '#/wall', effort);
      const part = parts === 1 ? name : `${name}/${parts}`;
      return {
        figure: `ui: ${part} wall, first card`,
        target: `≤ ${(most / 1000).toFixed(1)} s`,
        ...paint,
        met: paint.value <= most,
      };
    } finally {
      await master.close();
    }
  } finally {
    await api.close();
  }
}

const looks = ['#/wall', '#/lanes?namespace=shop', '#/findings', '#/impact?id=Secret%3Ashop%2Fredis-pass'];

async function axeRow(browser: Browser, url: string): Promise<Row> {
  let found = 0;
  for (const colorScheme of ['light', 'dark'] as const) {
    const { page, context } = await openWatched(browser, url, { colorScheme, reducedMotion: 'reduce' });
    for (const hash of looks) {
      await go(page, url, hash, '.card, .finding');
      await page.evaluate(axe.source);
      found += await page.evaluate<number>('axe.run(document).then(({ violations }) => violations.length)');
    }
    await context.close();
  }
  const yardstick = `${looks.length} views, light and dark; all views in the tests`;
  return { figure: 'ui: violations that axe finds', target: '0', measured: String(found), yardstick, met: found === 0 };
}

const tabs = 12;

/** How many tabs show a change. */
async function tabsRow(browser: Browser, { url, cluster: { server } }: DemoMaster): Promise<Row> {
  const { page, context } = await openWatched(browser, url);
  const pages = [page];
  for (let n = 1; n < tabs; n++) pages.push((await openWatched(browser, url, {}, context)).page);
  for (const each of pages) await go(each, url, '#/lanes?namespace=shop');
  server.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'for-all', namespace: 'shop' } });
  let live = 0;
  for (const each of pages) {
    await each.bringToFront();
    const shown = each.locator('.card', { hasText: 'for-all' }).waitFor();
    live += await shown.then(
      () => 1,
      () => 0,
    );
  }
  await context.close();
  const yardstick = 'a browser opens six connections to a host';
  return {
    figure: 'ui: tabs that are live at once',
    target: String(tabs),
    measured: String(live),
    yardstick,
    met: live === tabs,
  };
}

/** Each time with a new profile, compared with the plain document. */
async function firstPaint(browser: Browser, url: string, hash: string, { rounds }: Effort) {
  const cards: number[] = [];
  const documents: number[] = [];
  for (let n = 0; n < rounds; n++) {
    const { page, context } = await openWatched(browser, url);
    await page.goto(`${url}/${hash}`);
    await page.locator('.card').first().waitFor();
    cards.push(await page.evaluate<number>('performance.now()'));
    documents.push(await page.evaluate<number>(`performance.getEntriesByType('navigation')[0].responseEnd`));
    await context.close();
  }
  const value = median(cards);
  return { value, measured: ms(value), yardstick: `the bare document ${ms(median(documents))}` };
}

/** More than a picture draws. */
const objects = 1600;
const namespace = 'many';

/** A picture with the maximum number of cards, scrolled while objects change. */
async function changeRows(
  browser: Browser,
  { url, cluster: { server } }: DemoMaster,
  { changes }: Effort,
): Promise<Row[]> {
  const put = (n: number, value: string) =>
    server.apply({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: `config-${n}`, namespace, labels: { app: `app-${n}` } },
      data: { value },
    });
  for (let n = 0; n < objects; n++) put(n, '0');
  const { page, context } = await openWatched(browser, url);
  await page.addInitScript(
    `globalThis.long = []; new PerformanceObserver((list) => long.push(...list.getEntries().map((each) => each.duration))).observe({ type: 'longtask' });`,
  );
  await page.goto(`${url}/#/lanes?namespace=${namespace}`);
  await page.locator('.badge', { hasText: 'live' }).waitFor();
  await page.locator('.card').nth(1400).waitFor();
  const profiler = await context.newCDPSession(page);
  const heap = async () => {
    await profiler.send('HeapProfiler.collectGarbage');
    return (await profiler.send('Runtime.getHeapUsage')).usedSize;
  };
  const before = await positions(page);
  const [heapBefore] = [await heap(), await page.evaluate('long.length = 0')];
  for (let n = 0; n < changes; n++) {
    put(n % objects, String(n));
    if (n % 10 !== 9) continue;
    await page.mouse.wheel(0, n % 400 < 200 ? 600 : -600);
    await page.waitForTimeout(100);
  }
  const durations = await page.evaluate<number[]>('long');
  const grown = (await heap()) - heapBefore;
  const after = await positions(page);
  const moved = [...before].filter(([key, place]) => after.has(key) && after.get(key) !== place).length;
  await context.close();
  const longest = Math.max(0, ...durations);
  const sum = durations.reduce((total, each) => total + each, 0);
  const yardstick = `${changes} changes, 100/s, scrolled, ${before.size} cards`;
  return [
    {
      figure: 'ui: longest task while it changes',
      target: '≤ 100 ms',
      measured: ms(longest),
      yardstick,
      met: longest <= 100,
    },
    { figure: 'ui: sum of its long tasks', target: '≤ 300 ms', measured: ms(sum), yardstick, met: sum <= 300 },
    { figure: 'ui: cards moved by changes', target: '0', measured: String(moved), yardstick, met: moved === 0 },
    {
      figure: 'ui: heap after the changes',
      target: '≤ 10 % more',
      measured: `${((100 * grown) / heapBefore).toFixed(0)} %`,
      yardstick: `${kilobytes(heapBefore)} before`,
      met: grown <= heapBefore / 10,
    },
  ];
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}
