// Debian's Chromium, headless, with its own profile. Pages record every fault. Debian has no other browser that Playwright can
// control.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { buildUi, isStale } from '../../install/build-ui.ts';
import { root } from './source-tree.ts';

const executablePath = '/usr/bin/chromium';

/** Why the page cannot be tested here; undefined if it can. With `CI=true` everything must be installed. */
export const missingBrowser =
  process.env['CI'] === 'true' || existsSync(executablePath) ? undefined : 'chromium is not installed';

export interface Watched {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Console messages, errors, violations of the content policy, and requests to other hosts. */
  readonly faults: string[];
}

export async function startBrowser(): Promise<Browser> {
  const dist = join(root, 'ui/dist');
  if (isStale(dist)) await buildUi(dist);
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
}

/** A page with a new or given profile. */
export async function openWatched(
  browser: Browser,
  origin: string,
  options: BrowserContextOptions = {},
  known?: BrowserContext,
): Promise<Watched> {
  const context = known ?? (await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options }));
  const page = await context.newPage();
  const faults: string[] = [];
  // Only what hangs reaches it.
  page.setDefaultTimeout(60_000);
  page.on('console', (message) => faults.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  page.on('dialog', (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(`${origin}/`))
      faults.push(`request: ${request.url()}`);
  });
  await page.exposeFunction('tellViolation', (text: string) => faults.push(`policy: ${text}`));
  await page.addInitScript(
    `addEventListener('securitypolicyviolation', (event) => tellViolation(event.violatedDirective + ' ' + event.blockedURI + ' ' + event.sample));`,
  );
  return { context, page, faults };
}

/** Goes to a place of the page, and waits until it is drawn. */
export async function go(page: Page, url: string, hash: string, drawn = '.card'): Promise<void> {
  await page.goto('about:blank');
  await page.goto(`${url}/${hash}`);
  await page.locator(drawn).first().waitFor();
}

/** The position of every card by its key. */
export async function positions(page: Page): Promise<Map<string, string>> {
  const found = await page.evaluate<[string, string][]>(
    `[...document.querySelectorAll('#map .card')].map((card) => [card.dataset.key, card.parentElement.style.transform])`,
  );
  return new Map(found);
}
