// The page of a real gateway with a cluster and its actor: from metrics to a change, only in the browser.
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { comeUp, containerOf, named } from '../../support/acting.ts';
import { type GatewayActing, startGatewayActing } from '../../support/gateway-acting.ts';
import { measureWeb } from '../../support/measured-web.ts';
import { startToldCluster, type ToldCluster } from '../../support/told-cluster.ts';
import { missingBrowser, openWatched, startBrowser } from '../../support/watched-page.ts';

describe.skipIf(missingBrowser !== undefined)('the page of a gateway', () => {
  let browser: Browser;
  let acting: GatewayActing;
  let cluster: ToldCluster;

  beforeAll(async () => {
    // Build the page before the gateway reads it.
    browser = await startBrowser();
    acting = await startGatewayActing();
    cluster = await startToldCluster(acting.uplinkFlags(), (told) => measureWeb(acting.web, told));
  });

  afterAll(async () => {
    await browser?.close();
    await cluster?.close();
    await acting?.close();
  });

  test('a right-sizing proposal is shown, refused to a caller who may not patch, approved, and executed', async () => {
    await expect.poll(async () => (await acting.call('alice', '/policy')).status).toBe(200);
    await expect
      .poll(async () => (await acting.call(undefined, '/cluster/right-sizing'))['workloads'])
      .toMatchObject([{ action: {} }]);
    const { url } = acting.gateway;
    const { page, faults } = await openWatched(browser, new URL(url).origin);
    const refused: string[] = [];
    page.on('response', (answer) => {
      if (answer.status() >= 400) refused.push(`${answer.status()} ${new URL(answer.url()).pathname}`);
    });
    const section = page.locator('#panel .s-sizing');
    const openAs = async (token: string) => {
      await page.goto('about:blank');
      await page.goto(`${url}?cluster=east#/around?id=Deployment%3Ashop%2Fweb&focus=Deployment%3Ashop%2Fweb`);
      await section.locator('input[name="token"]').fill(token);
      await page.keyboard.press('Enter');
    };
    await openAs('bob');
    await section.getByText('limits.memory').first().waitFor();
    await section.getByRole('button', { name: 'Propose…' }).click();
    await section.getByRole('button', { name: 'Send the proposal' }).click();
    await section.locator('.finding del', { hasText: '64Mi' }).waitFor();
    await section.getByRole('button', { name: 'Approve…' }).click();
    await section.getByRole('button', { name: 'Approve now' }).click();
    await section.getByRole('alert').getByText('bob may not patch').waitFor();
    expect(acting.patches()).toEqual([]);
    await openAs('alice');
    await page.evaluate('document.activeElement.blur()');
    await page.keyboard.press('u');
    const row = page.locator('.finding', { hasText: 'asked by bob' });
    await row.getByRole('button', { name: 'Approve…' }).click();
    await row.locator('.step ins', { hasText: '81Mi' }).waitFor();
    expect(acting.patches()).toEqual([]);
    await row.getByRole('button', { name: 'Approve now' }).click();
    await row.getByText('under way').waitFor();
    // It is under way before its patch has arrived, and Pods that come up before that are those of the old version.
    await expect.poll(() => acting.patches().length, { timeout: 60_000 }).toBe(1);
    await expect
      .poll(() => containerOf(acting.server.get(named('Deployment', 'web'))), { timeout: 60_000 })
      .toMatchObject({ resources: { limits: { memory: '81Mi' } } });
    comeUp(acting.server, 'Deployment', 'web');
    await row.locator('.sev', { hasText: 'executed' }).waitFor();
    expect(acting.patches()).toHaveLength(1);
    // A gateway keeps no history here: it was refused once.
    expect(new Set(refused)).toEqual(new Set(['404 /cluster/timeline', expect.stringMatching(/^403 .*approve$/)]));
    expect(faults.filter((each) => !/status of 40[34]/.test(each))).toEqual([]);
  });
});
