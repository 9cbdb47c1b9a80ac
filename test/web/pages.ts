import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
const PHONE = { width: 390, height: 844 };
const DESK = { width: 1280, height: 900 };

/** Somebody before a browser of their own: nothing is shared with the others. */
export class Visitor {
  readonly problems: string[] = [];

  private constructor(
    private readonly context: BrowserContext,
    readonly page: Page,
    readonly id: string,
    private readonly origin: string,
  ) {}

  static async open(browser: Browser, origin: string, id: string, phone: boolean, dark = false): Promise<Visitor> {
    const context = await browser.newContext({
      viewport: phone ? PHONE : DESK,
      colorScheme: dark ? 'dark' : 'light',
      // axe is brought into the page by the tests; the page itself must live with its policy, which is watched below.
      reducedMotion: 'reduce',
    });
    const page = await context.newPage();
    page.setDefaultTimeout(45_000);
    const visitor = new Visitor(context, page, id, origin);
    page.on('pageerror', (error) => visitor.problems.push(`${id}: ${error.message}`));
    page.on('console', (message) => {
      const text = message.text();
      // What the service refuses (401 before the sign-in, 409 before the equilibrium) is said by the browser too.
      if (message.type() === 'error' && !/status of (401|404|409)/.test(text)) visitor.problems.push(`${id}: ${text}`);
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(origin) && !request.url().startsWith('data:'))
        visitor.problems.push(`${id} asked ${request.url()}`);
    });
    return visitor;
  }

  async go(hash: string, heading: string): Promise<void> {
    const target = `${this.origin}/#/${hash}`;
    if (this.page.url().startsWith(this.origin)) {
      await this.page.evaluate((to) => {
        location.hash = to;
      }, `#/${hash}`);
    } else await this.page.goto(target);
    await this.page.getByRole('heading', { level: 1, name: heading }).waitFor();
    await this.page.locator('main:not([aria-busy])').waitFor();
  }

  async enrol(secret: string, held = false): Promise<void> {
    await this.page.goto(`${this.origin}/#/enrol?id=${this.id}&secret=${secret}`);
    if (held) await this.page.getByText('Held for me by the service.').click();
    await this.page.getByRole('button', { name: 'Enrol' }).click();
    if (held || this.id === 'operator') await this.page.getByRole('button', { name: 'I have kept it' }).click();
    await this.page.getByRole('button', { name: 'Sign out' }).waitFor();
  }

  /** What axe finds against WCAG 2.2 AA, in words. */
  async axe(view: string): Promise<string[]> {
    await this.page.evaluate(axeSource);
    return this.page.evaluate(
      async ([name, tags]) => {
        type Found = { violations: { id: string; help: string; nodes: { html: string; failureSummary?: string }[] }[] };
        const axe = (globalThis as unknown as { axe: { run(root: unknown, options: unknown): Promise<Found> } }).axe;
        const { violations } = await axe.run(document, { runOnly: tags });
        return violations.map(
          ({ id, help, nodes }) =>
            `${name}: ${id}: ${help} (${nodes.length}): ${nodes[0]?.html.slice(0, 160)} ${nodes[0]?.failureSummary}`,
        );
      },
      [view, WCAG] as const,
    );
  }

  async shot(folder: string, name: string): Promise<void> {
    mkdirSync(folder, { recursive: true });
    await this.page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
  }

  close(): Promise<void> {
    return this.context.close();
  }
}
