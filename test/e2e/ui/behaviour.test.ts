// What the page does: by keys alone, over live changes, resync and restart, offline, behind a token, in twelve tabs.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { keys } from '../../../ui/keys.ts';
import { type DemoMaster, startDemoMaster } from '../../support/demo-master.ts';
import { go, missingBrowser, openWatched, positions, startBrowser, type Watched } from '../../support/watched-page.ts';

const badge = (page: Page, words: string) => page.locator('.badge', { hasText: words }).waitFor();
const hash = (page: Page) => page.evaluate<string>('location.hash');
const frames = (page: Page) =>
  page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))');

describe.skipIf(missingBrowser !== undefined)('the page', () => {
  let master: DemoMaster;
  let browser: Browser;
  let watched: Watched;
  const folder = mkdtempSync(join(tmpdir(), 'ui-test-'));

  beforeAll(async () => {
    // The page is built before the master reads it.
    browser = await startBrowser();
    master = await startDemoMaster();
  });

  afterAll(async () => {
    await browser?.close();
    await master?.close();
    rmSync(folder, { recursive: true });
  });

  afterEach(async () => {
    await watched?.context.close();
  });

  const open = async (place: string, drawn?: string) => {
    watched = await openWatched(browser, master.url);
    await go(watched.page, master.url, place, drawn);
    return watched.page;
  };

  test('search, around, impact, path, table, object and a link, by keys alone', async () => {
    const page = await open('');
    await watched.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    const press = async (...pressed: string[]) => {
      for (const key of pressed) await page.keyboard.press(key);
      await frames(page);
    };
    const search = async (text: string, first: string) => {
      await page.locator('#search').waitFor();
      await page.keyboard.type(text);
      await page.locator('#found li[aria-selected="true"]', { hasText: first }).waitFor();
      await press('Enter');
    };
    await press('/');
    await search('redis-pass', 'redis-pass');
    await page.locator('#panel h2', { hasText: 'redis-pass' }).waitFor();
    expect(await hash(page)).toContain('#/around?id=Secret%3Ashop%2Fredis-pass');
    await press('i');
    await page.locator('h2.lane', { hasText: '2 steps' }).waitFor();
    await press('Backspace');
    await page.locator('h2.lane', { hasText: 'Reaches it' }).waitFor();
    await press('p');
    await search('shop.example', 'shop.example');
    await page.locator('h2.lane', { hasText: 'Step 1' }).waitFor();
    expect(await page.locator('.reason-line').first().textContent()).toMatch(/\w+ · \w+/);
    await press('t');
    await page.locator('table tbody tr').first().waitFor();
    await press('t', 'Backspace', 'Backspace');
    await page.locator('h2.lane', { hasText: 'Workload' }).waitFor();
    await press('Home', 'ArrowRight', 'ArrowDown', 'e');
    expect(await page.evaluate('document.activeElement.className')).toContain('reason');
    await press('Escape', 'Home', 'y');
    await page.locator('pre.yaml').waitFor();
    expect(await page.locator('pre.yaml').textContent()).toContain('metadata:');
    await press('c');
    await page.locator('#say', { hasText: 'Copied the link' }).waitFor();
    const link = await page.evaluate<string>('navigator.clipboard.readText()');
    const before = await positions(page);
    expect(before.size).toBeGreaterThan(10);
    const other = await openWatched(browser, master.url);
    await other.page.goto(link);
    await other.page.locator('.card').first().waitFor();
    expect(await positions(other.page)).toEqual(before);
    expect(await other.page.locator('.card.focused').getAttribute('data-key')).toBe(
      await page.locator('.card.focused').getAttribute('data-key'),
    );
    await other.context.close();
    expect([...watched.faults, ...other.faults]).toEqual([]);
  });

  test('every key does what it says, or at least no harm', async () => {
    const page = await open('#/namespace?namespace=shop');
    for (const { keys: all } of keys)
      for (const key of all) {
        await page.keyboard.press(key === ' ' ? 'Space' : key);
        await frames(page);
        if ((await page.locator('dialog[open]').count()) > 0) await page.keyboard.press('Escape');
      }
    await page.keyboard.press('?');
    await page.locator('dialog.help').waitFor();
    expect(await page.locator('dialog.help dt').count()).toBe(keys.length);
    expect(watched.faults).toEqual([]);
  });

  test('out of a dialog the focus goes back to where it was', async () => {
    const page = await open('#/namespace?namespace=shop');
    await page.keyboard.press('Home');
    await frames(page);
    const focused = () => page.evaluate<string>('document.activeElement.dataset.key');
    const before = await focused();
    await page.keyboard.press('?');
    await page.locator('dialog[open]').waitFor();
    await page.keyboard.press('Escape');
    await page.locator('dialog[open]').waitFor({ state: 'detached' });
    expect(await focused()).toBe(before);
  });

  test('over a thousand live changes no card that stays moves, and focus and link stay', async () => {
    const page = await open('#/lanes?namespace=shop&focus=Deployment%3Ashop%2Ffrontend');
    await badge(page, 'live');
    const before = await positions(page);
    const { server } = master.cluster;
    const label = (n: number) => ({ app: `extra-${n % 40}` });
    for (let n = 0; n < 1000; n++) {
      const metadata = { name: `extra-${n % 40}`, namespace: 'shop', labels: label(n) };
      if (n % 80 < 40) server.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { n: String(n) } });
      else server.delete({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: metadata.name, namespace: 'shop' } });
      if (n % 100 === 99) await frames(page);
    }
    server.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'the-last', namespace: 'shop' } });
    await page.locator('.card', { hasText: 'the-last' }).waitFor();
    const after = await positions(page);
    for (const [key, place] of before) expect(after.get(key), key).toBe(place);
    expect(await page.locator('.card.focused').getAttribute('data-key')).toBe('Deployment:shop/frontend');
    server.delete({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'the-last', namespace: 'shop' } });
    await page.locator('.card', { hasText: 'the-last' }).waitFor({ state: 'detached' });
    expect(watched.faults).toEqual([]);
  });

  test('a paused page stays as it is; live again it catches up', async () => {
    const page = await open('#/lanes?namespace=shop');
    await badge(page, 'live');
    await page.keyboard.press('Space');
    await badge(page, 'paused');
    const { server } = master.cluster;
    server.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'meanwhile', namespace: 'shop' } });
    await page.waitForTimeout(300);
    expect(await page.locator('.card', { hasText: 'meanwhile' }).count()).toBe(0);
    await page.keyboard.press('Space');
    await page.locator('.card', { hasText: 'meanwhile' }).waitFor();
    server.delete({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'meanwhile', namespace: 'shop' } });
    await page.locator('.card', { hasText: 'meanwhile' }).waitFor({ state: 'detached' });
  });

  test('what happened while the browser was offline is there when it is back, and nothing has moved', async () => {
    const page = await open('#/lanes?namespace=shop');
    await badge(page, 'live');
    const before = await positions(page);
    await watched.context.setOffline(true);
    master.cluster.server.create({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'unseen', namespace: 'shop' },
    });
    await page.keyboard.press('i');
    await watched.context.setOffline(false);
    await page.keyboard.press('Escape');
    await page.locator('.card', { hasText: 'unseen' }).waitFor();
    const after = await positions(page);
    for (const [key, place] of before) expect(after.get(key), key).toBe(place);
    master.cluster.server.delete({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'unseen', namespace: 'shop' },
    });
  });

  test('when the master starts again, the page comes back by itself with everything in its place', async () => {
    const port = String(new URL(master.url).port);
    const page = await open('#/lanes?namespace=data&focus=StatefulSet%3Adata%2Fpg');
    await badge(page, 'live');
    const before = await positions(page);
    await master.close();
    await badge(page, 'offline');
    expect(await positions(page)).toEqual(before);
    master = await startDemoMaster('--port', port);
    await badge(page, 'live');
    expect(await positions(page)).toEqual(before);
    expect(await page.locator('.card.focused').getAttribute('data-key')).toBe('StatefulSet:data/pg');
    expect(watched.faults.filter((each) => !/ERR_|50[0-9]/.test(each))).toEqual([]);
  });

  test('the past is a slider away: nothing moves, what is gone keeps its place in a difference', async () => {
    const { server } = master.cluster;
    const object = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'data' } });
    server.create(object('short-lived'));
    const page = await open('#/lanes?namespace=data');
    await page.locator('.card', { hasText: 'short-lived' }).waitFor();
    await page.locator('footer.time').waitFor();
    // Moments are told apart by milliseconds, and what is recorded by less than a second.
    await page.waitForTimeout(1500);
    await page.keyboard.press('[');
    const before = await positions(page);
    const moment = new URLSearchParams((await hash(page)).split('?')[1]).get('since') ?? '';
    server.delete(object('short-lived'));
    await page.locator('.card', { hasText: 'short-lived' }).waitFor({ state: 'detached' });
    await page.waitForTimeout(1500);
    await page.keyboard.press('d');
    await page.locator('.card.removed', { hasText: 'short-lived' }).waitFor();
    await page.evaluate(`location.hash = '#/lanes?namespace=data&at=' + encodeURIComponent(${JSON.stringify(moment)})`);
    await badge(page, 'past');
    await page.locator('.card', { hasText: 'short-lived' }).waitFor();
    const then = await positions(page);
    for (const [key, place] of before) expect(then.get(key), key).toBe(place);
    await page.keyboard.press('w');
    await page.locator('.card', { hasText: 'short-lived' }).waitFor({ state: 'detached' });
    await badge(page, 'live');
    expect(watched.faults).toEqual([]);
  });

  test('names that are made to break pages are shown as they are', async () => {
    const { server } = master.cluster;
    const names = [
      '<img src=x onerror=alert(1)>',
      '"><script>alert(2)</script>',
      '${alert(3)}',
      '{{7*7}}',
      'javascript:alert(4)',
      `${'long'.repeat(60)}`,
      '\u202Egnp.exe',
      "'); drop",
      '__proto__',
    ];
    names.forEach((name, n) => {
      server.create({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name, namespace: 'hostile', labels: { app: `h${n}` } },
      });
      server.create({
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name, namespace: 'hostile' },
        spec: { selector: { app: name } },
      });
    });
    const page = await open('#/lanes?namespace=hostile');
    await page.locator('.card', { hasText: 'onerror' }).first().waitFor();
    for (const place of [
      '#/lanes?namespace=hostile&table=1',
      '#/wall',
      ...names.map(
        (name) =>
          `#/around?id=${encodeURIComponent(`ConfigMap:hostile/${name}`)}&focus=${encodeURIComponent(`ConfigMap:hostile/${name}`)}`,
      ),
    ]) {
      await page.evaluate(`location.hash = ${JSON.stringify(place)}`);
      await page.waitForTimeout(150);
      await page.keyboard.press('y');
    }
    await page.keyboard.press('/');
    await page.keyboard.type('onerror');
    await page.locator('#found li').first().waitFor();
    expect(await page.locator('#page img, #page script').count()).toBe(0);
    expect(watched.faults.filter((each) => !/status of 404/.test(each))).toEqual([]);
    for (const name of names) {
      server.delete({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: name, namespace: 'hostile' } });
      server.delete({ apiVersion: 'v1', kind: 'Service', metadata: { name: name, namespace: 'hostile' } });
    }
  });

  test('what the master refuses is said in its own words', async () => {
    watched = await openWatched(browser, master.url);
    const { page } = watched;
    await page.route('**/cluster?**', (route) =>
      route.fulfill({
        status: 413,
        contentType: 'application/json',
        body: JSON.stringify({
          success: false,
          code: 'query_too_large',
          error_message: 'The question is too expensive: it is large; narrow it',
        }),
      }),
    );
    await page.goto(`${master.url}/#/lanes?namespace=shop`);
    await page.locator('.bad', { hasText: 'is too expensive' }).waitFor();
    await badge(page, 'refused');
    expect(await page.locator('.card').count()).toBe(0);
  });

  test('twelve tabs are live at once, and each can still ask', async () => {
    const first = await open('#/lanes?namespace=shop');
    const tabs = [first];
    for (let n = 1; n < 12; n++) {
      const { page } = await openWatched(browser, master.url, {}, watched.context);
      await page.goto(`${master.url}/#/lanes?namespace=shop`);
      await page.locator('.card').first().waitFor();
      tabs.push(page);
    }
    master.cluster.server.create({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'for-all', namespace: 'shop' },
    });
    for (const page of tabs) {
      await page.bringToFront();
      await page.locator('.card', { hasText: 'for-all' }).waitFor();
    }
    master.cluster.server.delete({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'for-all', namespace: 'shop' },
    });
    expect(watched.faults).toEqual([]);
  });

  test('where a token is asked for, the page asks for it and keeps it in its tab; data stays behind the gate', async () => {
    const file = join(folder, 'tokens');
    writeFileSync(file, 'sesame,alice\n');
    const guarded = await startDemoMaster('--auth', 'token', '--auth-tokens-file', file).catch(
      (error: unknown) => error,
    );
    if (guarded instanceof Error) throw guarded;
    const { url, close } = guarded as DemoMaster;
    try {
      watched = await openWatched(browser, url);
      const { page, context } = watched;
      await page.goto(`${url}/#/lanes?namespace=shop`);
      await page.locator('dialog.signIn input').waitFor();
      expect(await page.locator('.card').count()).toBe(0);
      await page.keyboard.type('wrong');
      await page.keyboard.press('Enter');
      await page.locator('dialog.signIn [role="alert"]', { hasText: 'not accepted' }).waitFor();
      await page.locator('dialog.signIn input').fill('sesame');
      await page.keyboard.press('Enter');
      await page.locator('.card').first().waitFor();
      await badge(page, 'live');
      await page.reload();
      await page.locator('.card').first().waitFor();
      expect(await page.evaluate('localStorage.length')).toBe(0);
      const other = await openWatched(browser, url, {}, context);
      await other.page.goto(url);
      await other.page.locator('dialog.signIn').waitFor();
      expect(watched.faults.filter((each) => !/status of 401/.test(each))).toEqual([]);
    } finally {
      await close();
    }
  });
});
