// The page's behaviour: by keyboard only, with live changes, resync and restart, offline, with a token, in twelve tabs.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { keys } from '../../../ui/keys.ts';
import { violations } from '../../support/axe-violations.ts';
import { type DemoMaster, startDemoMaster } from '../../support/demo-master.ts';
import { freePort } from '../../support/free-port.ts';
import { go, missingBrowser, openWatched, positions, startBrowser, type Watched } from '../../support/watched-page.ts';

const badge = (page: Page, words: string) => page.locator('.badge', { hasText: words }).waitFor();
const hash = (page: Page) => page.evaluate<string>('location.hash');
const frames = (page: Page) =>
  page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))');
const revision = (page: Page) => page.locator('.badge').getAttribute('title');
const focusedCard = (page: Page) => page.locator('.card.focused').getAttribute('data-key');

/** The cards that are elsewhere than before, or gone. */
async function moved(page: Page, before: ReadonlyMap<string, string>): Promise<string[]> {
  const after = await positions(page);
  return [...before].filter(([key, place]) => after.get(key) !== place).map(([key]) => key);
}

interface Listed {
  readonly resources: readonly { readonly id: string }[];
}

describe.skipIf(missingBrowser !== undefined)('the page', () => {
  let master: DemoMaster;
  let browser: Browser;
  let watched: Watched;
  let port: string;
  const folder = mkdtempSync(join(tmpdir(), 'ui-test-'));

  beforeAll(async () => {
    // Build the page before the master reads it.
    browser = await startBrowser();
    // It is started again on the same port.
    port = String(await freePort());
    master = await startDemoMaster('--port', port);
  });

  afterAll(async () => {
    await browser?.close();
    await master?.close();
    rmSync(folder, { recursive: true });
  });

  afterEach(async () => {
    await watched?.context.close();
  });

  /** Whether the master tells of one with the label, now or then. */
  const isTold = async (labelSelector: string, namespace = '', at = '') => {
    const asked = new URLSearchParams(Object.entries({ labelSelector, namespace, at }).filter(([, value]) => value));
    const answer = await fetch(`${master.url}/cluster/resources?${asked}`);
    return ((await answer.json()) as Listed).resources.length > 0;
  };

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
    const saved = page.waitForEvent('download');
    await page.getByRole('button', { name: 'CSV of all' }).press('Enter');
    expect((await saved).suggestedFilename()).toBe('table.csv');
    const csv = readFileSync(await (await saved).path(), 'utf8').split('\r\n');
    expect(csv[0]).toBe('Name,Kind,Namespace,State,Why,Application,Relations,Created');
    await expect.poll(() => page.locator('table tbody tr').count()).toBe(csv.length - 2);
    await page.evaluate('document.activeElement.blur()');
    await press('t', 'Backspace', 'Backspace');
    await page.locator('h2.lane', { hasText: 'Workload' }).waitFor();
    await press('Home', 'ArrowRight', 'ArrowDown');
    // The panel follows the focus a moment later.
    const focused = (await page.locator('.card.focused .name').textContent()) ?? '';
    await page.locator('#panel h2', { hasText: focused }).waitFor();
    await page.locator('#panel .reason').first().waitFor();
    await press('e');
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
    await expect.poll(() => positions(other.page)).toEqual(before);
    expect(await focusedCard(other.page)).toBe(await focusedCard(page));
    await other.context.close();
    expect([...watched.faults, ...other.faults]).toEqual([]);
  });

  test('every key works without a fault', async () => {
    const page = await open('#/namespace?namespace=shop');
    for (const { keys: all } of keys)
      for (const key of all) {
        await page.keyboard.press(key === ' ' ? 'Space' : key);
        await frames(page);
        if ((await page.locator('dialog[open]').count()) > 0) await page.keyboard.press('Escape');
      }
    await page.keyboard.press('?');
    await page.locator('dialog.help').waitFor();
    expect(await page.locator('dialog.help dt').count()).toBe(keys.filter(({ only }) => !only).length);
    expect(watched.faults).toEqual([]);
  });

  test('one key opens all findings; arrows walk them, filters narrow them, each leads to its resource, and the link keeps the filter', async () => {
    const page = await open('#/namespace?namespace=web');
    await page.locator('.how-many').waitFor();
    await page.keyboard.press('b');
    await page.locator('.finding').first().waitFor();
    expect(await hash(page)).toContain('#/findings?namespaces=web');
    const said = async () =>
      Number(/(\d+) finding/.exec((await page.locator('.listing .summary').textContent()) ?? '')?.[1]);
    await expect.poll(async () => (await page.locator('.finding').count()) - (await said())).toBe(0);
    const all = await said();
    await page.locator('.facets input[type="checkbox"]').nth(3).check();
    await expect.poll(() => page.locator('.finding:not(.sev-critical)').count()).toBe(0);
    expect(await page.locator('.finding').count()).toBeLessThan(all);
    await page.evaluate('document.activeElement.blur()');
    await page.keyboard.press('ArrowDown');
    await frames(page);
    expect(await page.evaluate('document.activeElement.className')).toContain('sev-critical');
    const about = await page.locator('.finding .on a').first().getAttribute('href');
    await page.keyboard.press('Enter');
    await page.locator('#panel .finding').first().waitFor();
    expect(await hash(page)).toBe(about);
    await page.goBack();
    await page.locator('.finding.sev-critical').first().waitFor();
    expect(await hash(page)).toContain('severities=critical');
    expect(watched.faults).toEqual([]);
  });

  test('findings come and go on the open page, and the past has its own', async () => {
    const { server } = master.cluster;
    const page = await open('#/findings?namespaces=data', '.finding');
    const moment = new Date().toISOString();
    // What happens in the same millisecond is of that moment, too.
    await frames(page);
    const config = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'wanted', namespace: 'data' } };
    const containers = [{ name: 'a', image: 'a', envFrom: [{ configMapRef: { name: 'wanted' } }] }];
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'wants', namespace: 'data' }, spec: { containers } };
    server.create(pod);
    await page.locator('.finding', { hasText: 'wanted' }).first().waitFor();
    server.create(config);
    await page.locator('.finding', { hasText: 'wanted' }).first().waitFor({ state: 'detached' });
    server.delete(config);
    await page.locator('.finding', { hasText: 'wanted' }).first().waitFor();
    await page.evaluate(`location.hash += '&at=' + encodeURIComponent(${JSON.stringify(moment)})`);
    await badge(page, 'past');
    await page.locator('.finding', { hasText: 'wanted' }).first().waitFor({ state: 'detached' });
    expect(await page.locator('.finding').count()).toBeGreaterThan(0);
    server.delete(pod);
    expect(watched.faults).toEqual([]);
  });

  test('no grouping of the wall moves a tile, and a tile opens what it counts', async () => {
    const page = await open('#/wall');
    const { server } = master.cluster;
    const nodes = (await (await fetch(`${master.url}/cluster/resources?type=Node`)).json()) as Listed;
    const nodeName = nodes.resources.map(({ id }) => id.slice('Node:'.length))[0];
    for (const by of ['node', 'zone', 'type', 'application', 'label:app']) {
      await go(page, master.url, `#/wall?by=${by}`);
      const before = await positions(page);
      const seen = await revision(page);
      const labels = { app: 'aaa', by: by.replace(':', '-') };
      const metadata = { name: 'grouped', namespace: 'aaa', labels };
      server.create({ apiVersion: 'v1', kind: 'Pod', metadata, spec: { nodeName, containers: [] } });
      await expect.poll(() => isTold(`by=${labels.by}`)).toBe(true);
      // Some groupings are asked for every three seconds, and zones tell nothing of it: here at once.
      if (by !== 'node' && by !== 'type') await page.evaluate(`dispatchEvent(new Event('online'))`);
      await expect.poll(() => revision(page)).not.toBe(seen);
      await page.locator('.card').first().waitFor();
      await page.keyboard.press('End');
      await expect.poll(() => moved(page, before), { message: by }).toEqual([]);
      server.delete({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'grouped', namespace: 'aaa' } });
      await expect.poll(() => isTold(`by=${labels.by}`)).toBe(false);
    }
    await go(page, master.url, '#/wall?by=type');
    await page.locator('.card', { hasText: 'StatefulSet' }).first().dblclick();
    await page.locator('h2.lane', { hasText: 'By name' }).waitFor();
    expect(await hash(page)).toMatch(/^#\/selection\?.*type=StatefulSet/);
    await page.keyboard.press('Backspace');
    await page.locator('.card.focused', { hasText: 'StatefulSet' }).waitFor();
    await go(page, master.url, '#/wall?by=label:app');
    await page.locator('.label-key').fill('app.kubernetes.io/part-of');
    await page.keyboard.press('Enter');
    await page.locator('h2.lane', { hasText: 'app.kubernetes.io/part-of' }).waitFor();
    expect(watched.faults).toEqual([]);
  });

  test('where several clusters are served, the wall begins with them, and a page of one leads back', async () => {
    watched = await openWatched(browser, master.url);
    const { page } = watched;
    const json = (body: object) => ({ contentType: 'application/json', body: JSON.stringify(body) });
    const names = ['east', 'west'];
    await page.route('**/openapi.json', (route) => route.fulfill(json({ paths: { '/clusters': {} } })));
    // A master of one cluster serves no page of another.
    await page.route('**/?cluster=west', async (route) =>
      route.fulfill({ response: await route.fetch({ url: `${master.url}/` }) }),
    );
    await page.route('**/clusters', (route) => route.fulfill(json({ clusters: names.map((name) => ({ name })) })));
    const groups = names.map((key) => ({
      id: `ResourceGroup:${key}`,
      type: 'ResourceGroup',
      timestamp: 'T',
      properties: { by: 'cluster', key, resources: 3, types: { Pod: 3 }, health: { ok: 3 } },
      annotations: { label: key },
    }));
    const answer = { revision: 1, timestamp: 'T', resources: groups, relations: [] };
    await page.route('**/cluster/groups?by=cluster**', (route) => route.fulfill(json(answer)));
    await page.goto(master.url);
    await page.locator('.card', { hasText: 'east' }).waitFor();
    expect(await page.locator('.crumbs').textContent()).toContain('2 clusters');
    await page.locator('.card', { hasText: 'west' }).dblclick();
    await page.waitForURL('**/?cluster=west#/wall');
    await page.locator('.crumbs a', { hasText: 'all clusters' }).waitFor();
    await page.keyboard.press('Backspace');
    await page.waitForURL((url) => url.search === '' && url.hash.includes('by=cluster'));
    await page.locator('.card', { hasText: 'east' }).waitFor();
  });

  test('cards and panel show numbers where minions report them, and say so where none does', async () => {
    watched = await openWatched(browser, master.url);
    const { page } = watched;
    const series = (unit: string, last: number) => ({ unit, last, values: [last / 2, null, last] });
    const families = { cpu: series('cores', 0.25), memory: series('bytes', 2 ** 28) };
    const numbers = { families, requests: { cpu: 0.5 }, limits: { memory: 2 ** 29 } };
    await page.route('**/cluster/metrics?namespace=**', (route) =>
      route.fulfill({
        contentType: 'application/json',
        body: JSON.stringify({ resources: { 'Pod:data/pg-0': numbers } }),
      }),
    );
    await page.goto(`${master.url}/#/lanes?namespace=data&focus=StatefulSet%3Adata%2Fpg`);
    await page.locator('.card .usage', { hasText: '250m 256Mi' }).waitFor();
    await page.locator('#panel .s-metrics', { hasText: 'no minion with probes' }).waitFor();
    await page.locator('#panel .s-sizing', { hasText: 'no usage of a container is known' }).waitFor();
    await page.route('**/cluster/metrics?range=**', (route) =>
      route.fulfill({
        contentType: 'application/json',
        body: JSON.stringify({ resources: { 'StatefulSet:data/pg': numbers }, telemetry: {} }),
      }),
    );
    await page.reload();
    await page.locator('#panel .usage-row', { hasText: 'at most 512 MiB' }).waitFor();
    await expect.poll(() => page.locator('#panel .usage-row .value').count()).toBe(4);
    await page.route('**/cluster/metrics?of=**', (route) => {
      const ids = new URL(route.request().url()).searchParams.getAll('of');
      return route.fulfill({
        contentType: 'application/json',
        body: JSON.stringify({ resources: Object.fromEntries(ids.map((id) => [id, numbers])) }),
      });
    });
    await go(page, master.url, '#/wall?by=node', '.card .usage');
    const nodes = page.locator('.card:not([data-key="ResourceGroup:"])');
    const withUsage = nodes.locator('.usage', { hasText: '250m 256Mi' });
    await expect.poll(async () => (await withUsage.count()) - (await nodes.count())).toBe(0);
    expect(watched.faults).toEqual([]);
  });

  test('at a gateway an action is proposed, shown, approved and followed, and no single step sends anything', async () => {
    watched = await openWatched(browser, master.url);
    const { page, faults } = watched;
    const action = {
      id: 'right-size-1',
      action: 'set-resources',
      target: { kind: 'StatefulSet', namespace: 'data', name: 'pg', uid: 'u', container: 'pg' },
      reason: 'it used little',
    };
    const facts = [{ field: 'requests.cpu', verdict: 'too-much', now: 0.5, quantity: '14m', why: 'it used little' }];
    const used = { cpu: { median: 0.01, p95: 0.012, most: 0.03 } };
    const sized = { workload: 'StatefulSet:data/pg', container: 'pg', containers: 1, minutes: 60, used, oomKills: 0 };
    const difference = [
      { field: 'spec.template.spec.containers[pg].resources.requests.cpu', before: '500m', after: '14m' },
    ];
    const entryOf = (more: object) => ({
      ...{ success: true, state: 'dry-run', at: 'T', action, id: action.id, difference },
      ...{ proposed: { by: 'alice', at: 'T' }, ...more },
    });
    const entries = new Map<string, object>([
      ['other', entryOf({ id: 'other', proposed: { by: 'bob', at: 'T' } })],
      ['no', entryOf({ id: 'no', state: 'refused', why: { code: 'managed', message: 'Argo CD would undo it' } })],
    ]);
    const posted: string[] = [];
    const json = (body: object, status = 200) => ({
      status,
      contentType: 'application/json',
      body: JSON.stringify(body),
    });
    await page.route('**/clusters', (route) =>
      route.fulfill(json({ clusters: [{ name: 'demo', actor: 'connected' }] })),
    );
    await page.route('**/cluster/right-sizing**', (route) =>
      route.fulfill(json({ workloads: [{ ...sized, facts, action }] })),
    );
    await page.route(/\/actions(\/|\?)/, (route) => {
      const request = route.request();
      const { pathname, search } = new URL(request.url());
      const [, , id = '', decision = ''] = pathname.split('/');
      if (search !== '?cluster=demo' || request.headers()['authorization'] !== 'Bearer sesame')
        return route.fulfill(json({ error_message: 'who asks?' }, 401));
      if (request.method() === 'GET')
        return route.fulfill(json(id === '' ? { actions: [...entries.values()] } : (entries.get(id) ?? {})));
      posted.push(`${id} ${decision}`.trim());
      if (id === 'other') return route.fulfill(json({ error_message: 'alice may not patch it' }, 403));
      const entry = entryOf(decision === 'approve' ? { state: 'executing', approved: { by: 'alice', at: 'T' } } : {});
      entries.set(action.id, entry);
      return route.fulfill(json(entry, 201));
    });
    await page.goto(`${master.url}/#/lanes?namespace=data&focus=StatefulSet%3Adata%2Fpg`);
    const section = page.locator('#panel .s-sizing');
    await section.getByText('uses 12m of 500m requested').waitFor();
    await section.locator('input[name="token"]').fill('sesame');
    await page.keyboard.press('Enter');
    await section.getByRole('button', { name: 'Propose…' }).dblclick();
    await section.getByRole('button', { name: 'Propose…' }).press('Enter');
    expect(posted).toEqual([]);
    expect(await violations(page)).toEqual([]);
    await section.getByRole('button', { name: 'Send the proposal' }).click();
    await section.locator('.finding del', { hasText: '500m' }).waitFor();
    expect(posted).toEqual(['']);
    await section.getByRole('button', { name: 'Approve…' }).press('Enter');
    await section.locator('.step del', { hasText: '500m' }).waitFor();
    expect(posted).toEqual(['']);
    await section.getByRole('button', { name: 'Approve now' }).press('Enter');
    await section.getByText('under way').waitFor();
    expect(posted).toEqual(['', 'right-size-1 approve']);
    entries.set(action.id, entryOf({ state: 'executed' }));
    await section.getByText('executed', { exact: false }).first().waitFor();
    await page.evaluate('document.activeElement.blur()');
    await page.keyboard.press('u');
    await page.locator('.summary', { hasText: '3 actions of demo' }).waitFor();
    expect(await hash(page)).toContain('#/actions');
    await page.locator('.finding', { hasText: 'Argo CD would undo it' }).waitFor();
    const other = page.locator('.finding', { hasText: 'asked by bob' });
    await other.getByRole('button', { name: 'Withdraw…' }).click();
    await other.locator('.step del').waitFor();
    expect(await violations(page)).toEqual([]);
    await page.setViewportSize({ width: 320, height: 800 });
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(320);
    await page.setViewportSize({ width: 1440, height: 900 });
    await other.getByRole('button', { name: 'Withdraw now' }).click();
    await other.getByRole('alert').getByText('alice may not patch it').waitFor();
    await other.getByRole('button', { name: 'Approve…' }).click();
    await other.locator('.step del').waitFor();
    // An action that changed meanwhile must not be sent.
    entries.set('other', entryOf({ id: 'other', proposed: { by: 'bob', at: 'T' }, difference: [] }));
    await other.getByText('It is another than was shown').waitFor();
    expect(await other.locator('.step').count()).toBe(0);
    expect(posted).toEqual(['', 'right-size-1 approve', 'other withdraw']);
    await page.keyboard.press('?');
    await page.locator('dialog.help dt', { hasText: 'u' }).first().waitFor();
    expect(await page.locator('dialog.help dt').count()).toBe(keys.length);
    expect(faults.filter((each) => !/status of 403/.test(each))).toEqual([]);
  });

  test('on a plain master no actions are taken: no button, no key', async () => {
    const page = await open('#/lanes?namespace=data');
    await page.locator('.how-many').waitFor();
    await page.keyboard.press('u');
    await frames(page);
    expect(await hash(page)).toContain('#/lanes');
    expect(await page.locator('.tools button', { hasText: 'Actions' }).count()).toBe(0);
    expect(watched.faults).toEqual([]);
  });

  test('closing a dialog returns the focus to where it was', async () => {
    const page = await open('#/namespace?namespace=shop');
    await page.keyboard.press('Home');
    await frames(page);
    const focused = () => page.evaluate<string | undefined>('document.activeElement.dataset.key');
    await expect.poll(focused).toBeTruthy();
    const before = await focused();
    await page.keyboard.press('?');
    await page.locator('dialog[open]').waitFor();
    await page.keyboard.press('Escape');
    await page.locator('dialog[open]').waitFor({ state: 'detached' });
    await expect.poll(focused).toBe(before);
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
    await expect.poll(() => moved(page, before)).toEqual([]);
    expect(await focusedCard(page)).toBe('Deployment:shop/frontend');
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
    const asked = `${master.url}/cluster/resources/ConfigMap/shop/meanwhile`;
    await expect.poll(async () => (await fetch(asked)).status).toBe(200);
    await frames(page);
    expect(await page.locator('.card', { hasText: 'meanwhile' }).count()).toBe(0);
    await page.keyboard.press('Space');
    await page.locator('.card', { hasText: 'meanwhile' }).waitFor();
    server.delete({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'meanwhile', namespace: 'shop' } });
    await page.locator('.card', { hasText: 'meanwhile' }).waitFor({ state: 'detached' });
  });

  test('changes made while the browser was offline appear when it is back, and no card moves', async () => {
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
    await expect.poll(() => moved(page, before)).toEqual([]);
    master.cluster.server.delete({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'unseen', namespace: 'shop' },
    });
  });

  test('when the master restarts, the page recovers with everything in its place', async () => {
    const page = await open('#/lanes?namespace=data&focus=StatefulSet%3Adata%2Fpg');
    await badge(page, 'live');
    const before = await positions(page);
    await master.close();
    await badge(page, 'offline');
    expect(await positions(page)).toEqual(before);
    master = await startDemoMaster('--port', port);
    await badge(page, 'live');
    await expect.poll(() => positions(page)).toEqual(before);
    expect(await focusedCard(page)).toBe('StatefulSet:data/pg');
    expect(watched.faults.filter((each) => !/ERR_|50[0-9]/.test(each))).toEqual([]);
  });

  test('the page shows the past without moving a card, and a removed object keeps its place in a difference', async () => {
    const { server } = master.cluster;
    const labels = { is: 'short-lived' };
    const object = (name: string) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace: 'data', labels },
    });
    // Kept a moment after it happened.
    const isKept = () => isTold('is=short-lived', 'data', new Date().toISOString());
    server.create(object('short-lived'));
    const page = await open('#/lanes?namespace=data');
    await page.locator('.card', { hasText: 'short-lived' }).waitFor();
    await page.locator('footer.time').waitFor();
    await expect.poll(isKept).toBe(true);
    await page.keyboard.press('[');
    const before = await positions(page);
    const since = async () => new URLSearchParams((await hash(page)).split('?')[1]).get('since');
    await expect.poll(since).toBeTruthy();
    const moment = await since();
    server.delete(object('short-lived'));
    await page.locator('.card', { hasText: 'short-lived' }).waitFor({ state: 'detached' });
    await expect.poll(isKept).toBe(false);
    await page.keyboard.press('d');
    await page.locator('.card.removed', { hasText: 'short-lived' }).waitFor();
    await page.evaluate(`location.hash = '#/lanes?namespace=data&at=' + encodeURIComponent(${JSON.stringify(moment)})`);
    await badge(page, 'past');
    await page.locator('.card', { hasText: 'short-lived' }).waitFor();
    await expect.poll(() => moved(page, before)).toEqual([]);
    await page.keyboard.press('w');
    await page.locator('.card', { hasText: 'short-lived' }).waitFor({ state: 'detached' });
    await badge(page, 'live');
    expect(watched.faults).toEqual([]);
  });

  test('names that are made to break pages are shown as text', async () => {
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
    const goTo = (place: string) => page.evaluate(`location.hash = ${JSON.stringify(place)}`);
    await goTo('#/lanes?namespace=hostile&table=1');
    await page.locator('table', { hasText: 'onerror' }).waitFor();
    await goTo('#/wall');
    await page.locator('.card', { hasText: 'hostile' }).waitFor();
    for (const name of names) {
      const id = `ConfigMap:hostile/${name}`;
      await goTo(`#/around?${new URLSearchParams({ id, focus: id })}`);
      const told = () => page.evaluate<string>(`document.querySelector('#panel .id')?.textContent`);
      await expect.poll(async () => (await told()) === id || (await page.locator('.bad').count()) > 0).toBe(true);
      if ((await page.locator('#panel').count()) === 0) continue;
      await page.keyboard.press('y');
      await page.locator('.s-object pre, .s-object .error').first().waitFor();
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

  test('a refusal of the master is shown in its own words', async () => {
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

  test('where a token is required the page asks for it, keeps it in its tab and shows no data before', async () => {
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
