// The live page in headless Chromium: how soon it shows something, how much it loads, what live changes cost it.
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { buildUi } from '../../install/build-ui.ts';
import { type DemoMaster, startDemoMaster } from '../support/demo-master.ts';
import { root } from '../support/source-tree.ts';
import { openWatched, positions, startBrowser } from '../support/watched-page.ts';
import { median } from './http.ts';
import { startApi, startMaster } from './processes.ts';
import { ms, type Row } from './table.ts';

const rounds = 5;
const changes = 1000;

/** `parts`: the wall is measured over a cluster of so much less than census. */
export async function uiRows(folder: string, parts: number): Promise<Row[]> {
  const { first, all } = await buildUi(join(root, 'ui/dist'));
  const browser = await startBrowser();
  try {
    const size = {
      figure: 'ui: loaded at the start, gzip',
      target: '≤ 60 kB',
      measured: kilobytes(first),
      yardstick: `all files ${kilobytes(all)}`,
      met: first <= 60_000,
    };
    return [size, ...(await demoRows(browser)), await wallRow(browser, folder, parts)];
  } finally {
    await browser.close();
  }
}

async function demoRows(browser: Browser): Promise<Row[]> {
  const master = await startDemoMaster();
  try {
    const paint = await firstPaint(browser, master.url, '#/lanes?namespace=shop');
    return [
      { figure: 'ui: demo lanes, first card', target: '≤ 0.8 s', ...paint, met: paint.value <= 800 },
      ...(await changeRows(browser, master)),
    ];
  } finally {
    await master.close();
  }
}

async function wallRow(browser: Browser, folder: string, parts: number): Promise<Row> {
  const api = await startApi(folder, 'census', parts, 1);
  try {
    const master = await startMaster({ folder, kubeconfig: api.kubeconfigFile });
    try {
      const paint = await firstPaint(browser, master.url, '#/wall');
      return { figure: `ui: census/${parts} wall, first card`, target: '≤ 1.5 s', ...paint, met: paint.value <= 1500 };
    } finally {
      await master.close();
    }
  } finally {
    await api.close();
  }
}

/** From nothing, each time in a profile of its own; beside it how long the bare document takes. */
async function firstPaint(browser: Browser, url: string, hash: string) {
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

async function changeRows(browser: Browser, { url, cluster }: DemoMaster): Promise<Row[]> {
  const { page, context } = await openWatched(browser, url);
  await page.addInitScript(
    `globalThis.long = []; new PerformanceObserver((list) => long.push(...list.getEntries().map((each) => each.duration))).observe({ type: 'longtask' });`,
  );
  await page.goto(`${url}/#/lanes?namespace=shop`);
  await page.locator('.badge', { hasText: 'live' }).waitFor();
  const before = await positions(page);
  await page.evaluate('long.length = 0');
  for (let n = 0; n < changes; n++) {
    cluster.server.apply({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: `churn-${n % 30}`, namespace: 'shop' },
      data: { n: String(n) },
    });
    if (n % 10 === 9) await page.waitForTimeout(100);
  }
  const longest = await page.evaluate<number>('Math.max(0, ...long)');
  const after = await positions(page);
  const moved = [...before].filter(([key, place]) => after.has(key) && after.get(key) !== place).length;
  await context.close();
  const yardstick = `${changes} changes, 100/s, ${before.size} cards`;
  return [
    {
      figure: 'ui: longest task while it changes',
      target: '≤ 100 ms',
      measured: ms(longest),
      yardstick,
      met: longest <= 100,
    },
    { figure: 'ui: cards moved by changes', target: '0', measured: String(moved), yardstick, met: moved === 0 },
  ];
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}
