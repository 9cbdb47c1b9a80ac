import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeReport } from '../../src/report/index.js';
import { openBrowser, withoutBrowser } from '../support/browser.js';
import { EVIL, sampleCase, sampleReport, sampleSolution } from './sample.js';

const folder = mkdtempSync(join(tmpdir(), 'crowdwatt-report-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const input = { case: sampleCase, solution: sampleSolution, report: sampleReport };

describe('a written report', () => {
  it('is one page and seven figures', async () => {
    const written = await writeReport(join(folder, 'a', 'b'), input);
    expect(written.figures).toHaveLength(7);
    for (const file of [written.page, ...written.figures]) expect(existsSync(file)).toBe(true);
    for (const file of written.figures) {
      const svg = readFileSync(file, 'utf8');
      expect(svg.startsWith('<svg xmlns="http://www.w3.org/2000/svg"')).toBe(true);
      expect(svg).not.toContain('<img');
    }
  });

  it('reaches for nothing outside itself', async () => {
    const { page } = await writeReport(join(folder, 'alone'), input);
    const html = readFileSync(page, 'utf8');
    // The one address is the name of the SVG namespace.
    expect(html.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:\/\//);
    expect(html).not.toMatch(/<(link|iframe|object|embed)\b/);
    expect(html).toContain("default-src 'none'");
  });

  it('shows a solution without a day, and says loudly when it is inexact', async () => {
    const certificate = { ...sampleSolution.certificate!, verdict: 'inexact' as const };
    const { page, figures } = await writeReport(join(folder, 'inexact'), {
      case: sampleCase,
      solution: { ...sampleSolution, certificate },
    });
    const html = readFileSync(page, 'utf8');
    expect(html).toContain('INEXACT');
    expect(html).not.toContain('Statements');
    expect(figures.some((file) => file.endsWith('fig3-right.svg'))).toBe(false);
  });

  it('refuses a bus that is not there and a folder that cannot be', async () => {
    await expect(writeReport(folder, { ...input, bus: '77' })).rejects.toMatchObject({ code: 'usage' });
    const { page } = await writeReport(join(folder, 'file'), input);
    await expect(writeReport(page, input)).rejects.toMatchObject({ code: 'io/write' });
  });
});

describe.skipIf(withoutBrowser('that the report works in a browser'))('the report in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser?.close());

  it('runs without errors, redraws for another bus, and no id becomes markup', async () => {
    const { page: file } = await writeReport(join(folder, 'live'), input);
    const context = await browser.newContext();
    const page = await context.newPage();
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
    await page.goto(pathToFileURL(file).href);
    expect(await page.locator('#power title').textContent()).toBe('Bus 5: power over the day');
    await page.locator('#bus').selectOption('2');
    expect(await page.locator('#power title').textContent()).toBe(`Bus ${EVIL}: power over the day`);
    expect(await page.locator('#bus-table tbody tr').count()).toBe(2);
    expect(await page.locator('img').count()).toBe(0);
    expect(await page.evaluate('window.pwned')).toBeUndefined();
    expect(errors).toEqual([]);
    await context.close();
  });

  it.each(['light', 'dark'] as const)('has no accessibility violation in the %s theme', async (colorScheme) => {
    const { page: file } = await writeReport(join(folder, 'axe'), input);
    // The page's own policy forbids scripts from elsewhere; the audit is not part of the page.
    const context = await browser.newContext({ colorScheme, bypassCSP: true });
    const page = await context.newPage();
    await page.goto(pathToFileURL(file).href);
    await page.addScriptTag({ path: createRequire(import.meta.url).resolve('axe-core') });
    const found = (await page.evaluate(
      "axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'] }).then((r) => r.violations.map((v) => v.id + ': ' + v.nodes[0].html))",
    )) as string[];
    expect(found).toEqual([]);
    await context.close();
  });
});
