import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser, withoutBrowser } from '../support/browser.js';
import { Visitor } from './pages.js';
import { ServedTown } from './service.js';

const PEOPLE = ['c-5', 'c-10', 'c-12', 'c-19', 'c-25', 'c-28', 'c-32', 'c-33', 'c-37', 'c-38'];
const HELD = 'c-12';
const skip = withoutBrowser('a day of ten participants in their own pages, accessibility and receipts in the browser');
const shots = process.env.CROWDWATT_SCREENSHOTS ?? mkdtempSync(join(tmpdir(), 'crowdwatt-web-'));

describe.skipIf(skip)('a day in the browser', () => {
  let town: ServedTown;
  let browser: Browser;
  let operator: Visitor;
  const people: Visitor[] = [];
  const axe: string[] = [];
  let enrolledAt = 0;

  const look = async (visitor: Visitor, name: string) => {
    axe.push(...(await visitor.axe(name)));
    await visitor.shot(shots, name);
  };
  const step = async (name: string, next: string | RegExp) => {
    await operator.page.getByRole('button', { name, exact: true }).click();
    await operator.page.getByRole('button', { name: next }).and(operator.page.locator(':enabled')).waitFor();
  };

  beforeAll(async () => {
    town = await ServedTown.start('examples/cases/sce56-market.json');
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await town?.stop();
    console.log(`screenshots: ${shots}`);
  });

  it('lets the operator in and opens a day', async () => {
    operator = await Visitor.open(browser, town.address, 'operator', false);
    await operator.page.goto(town.address);
    await operator.page.getByRole('heading', { name: 'Welcome' }).waitFor();
    await look(operator, 'welcome');
    await operator.enrol(town.operatorSecret);
    await operator.go('day', 'Run a day');
    await look(operator, 'operator-day-begin');
    await operator.page.getByRole('button', { name: 'Open the day' }).click();
    await operator.page.getByRole('button', { name: 'Close the gate', exact: true }).waitFor();
  });

  it('enrols ten participants, each in a browser of its own', async () => {
    await operator.go('members', 'Members');
    const links = new Map<string, string>();
    for (const id of PEOPLE) {
      await operator.page.getByLabel('Id').fill(id);
      await operator.page.getByRole('button', { name: 'Make a one-time secret' }).click();
      const secret = operator.page
        .locator('p', { has: operator.page.getByText(id, { exact: true }) })
        .locator('.secret');
      links.set(id, (await secret.textContent())!.trim());
    }
    enrolledAt = Date.now();
    for (const [k, id] of PEOPLE.entries()) {
      const visitor = await Visitor.open(browser, town.address, id, true, k % 2 === 1);
      people.push(visitor);
      await visitor.enrol(links.get(id)!, id === HELD);
    }
    await operator.go('day', 'Run a day');
    await operator.go('members', 'Members');
    const table = operator.page.getByRole('region', { name: 'Members' });
    await table.waitFor();
    expect(await table.getByText('enrolled', { exact: true }).count()).toBe(PEOPLE.length + 1);
    expect(await table.getByText('held by the service').count()).toBe(2);
    await look(operator, 'operator-members');
  });

  it('keeps a key that no script can read', async () => {
    const kept = await people[0]!.page.evaluate(
      () =>
        new Promise<{ extractable: boolean; algorithm: string }>((resolve) => {
          const asked = indexedDB.open('crowdwatt');
          asked.onsuccess = () => {
            const read = asked.result.transaction('keys').objectStore('keys').get('c-5');
            read.onsuccess = () => {
              asked.result.close();
              const { privateKey } = read.result.keys as CryptoKeyPair;
              resolve({ extractable: privateKey.extractable, algorithm: privateKey.algorithm.name });
            };
          };
        }),
    );
    expect(kept).toEqual({ extractable: false, algorithm: 'ECDSA' });
  });

  it('takes preferences, signed in the browser or held', async () => {
    await Promise.all(
      people.map(async (visitor) => {
        await visitor.go('devices', 'My devices');
        if (visitor === people[0]) await look(visitor, 'participant-devices');
        await visitor.page.getByRole('button', { name: 'Send my preferences' }).click();
        await visitor.page.getByText('In force: version 1').waitFor();
      }),
    );
  });

  it('makes offers that ten people see at once', async () => {
    await operator.go('day', 'Run a day');
    await Promise.all(people.map((visitor) => visitor.go('offers', 'My offers')));
    await step('Close the gate', 'Solve and publish the equilibrium');
    await step('Solve and publish the equilibrium', 'Establish contracts');
    await step('Establish contracts', 'Make offers');
    await step('Make offers', 'Close the round');
    await look(operator, 'operator-day-round');
  });

  it('accepts and refuses, under two minutes after the first enrolment', async () => {
    const answered = { accepted: 0, refused: 0 };
    let firstAccepted = 0;
    for (const [k, visitor] of people.entries()) {
      const button = visitor.page.getByRole('button', { name: k % 3 === 2 ? /^Refuse/ : /^Accept/ }).first();
      const none = visitor.page.getByText('No offers yet.');
      await button.or(none).first().waitFor();
      if ((await button.count()) === 0) continue;
      if (k === 0 || k === 1) await look(visitor, k === 0 ? 'participant-offers' : 'participant-offers-dark');
      await button.click();
      const outcome = k % 3 === 2 ? 'refused' : 'accepted';
      await visitor.page
        .getByRole('list', { name: 'Answered and expired offers' })
        .getByText(outcome, { exact: true })
        .first()
        .waitFor();
      answered[outcome]++;
      if (outcome === 'accepted') firstAccepted ||= Date.now();
    }
    expect(answered.accepted).toBeGreaterThan(2);
    expect(answered.refused).toBeGreaterThan(0);
    expect(firstAccepted - enrolledAt).toBeLessThan(120_000);
    console.log(
      `first accepted offer ${((firstAccepted - enrolledAt) / 1000).toFixed(1)} s after the first enrolment began`,
    );
    await operator.go('board', 'Offers board');
    const board = operator.page.getByRole('region', { name: 'Offers', exact: true });
    await expect.poll(() => board.getByText('accepted', { exact: true }).count()).toBe(answered.accepted);
    expect(await board.getByText('refused', { exact: true }).count()).toBe(answered.refused);
    await look(operator, 'operator-board');
  });

  it('runs to the end while blocks come by themselves', async () => {
    await operator.go('day', 'Run a day');
    await operator.page.getByRole('button', { name: 'Run to the end' }).click();
    await operator.page.getByText('settled', { exact: true }).waitFor();
    await look(operator, 'operator-day-done');
    await operator.go('money', 'Money');
    await operator.page.getByText('✓ balanced').waitFor();
    await look(operator, 'operator-money');
    await operator.page.getByRole('link', { name: 'Skip to the content' }).focus();
    await operator.page.keyboard.press('Enter');
    expect(await operator.page.evaluate(() => document.activeElement?.id)).toBe('main');
    expect(await operator.page.getByRole('heading', { level: 1 }).textContent()).toBe('Money');
  });

  it('shows feeder, prices, solver and ledger', async () => {
    await operator.go('feeder', 'Feeder');
    const drawing = operator.page.getByRole('img', { name: /^Feeder at 12:00/ });
    await drawing.waitFor();
    const before = await drawing.locator('circle').nth(30).getAttribute('fill');
    await operator.page.getByLabel('Hour').press('End');
    await operator.page.getByRole('img', { name: /^Feeder at 23:00/ }).waitFor();
    const after = await operator.page
      .getByRole('img', { name: /^Feeder/ })
      .locator('circle')
      .nth(30)
      .getAttribute('fill');
    expect(after).not.toBe(before);
    await look(operator, 'operator-feeder');
    await operator.go('prices', 'Prices (DLMP)');
    await operator.page.getByRole('img', { name: /and its parts/ }).waitFor();
    await look(operator, 'operator-prices');
    await operator.page.emulateMedia({ colorScheme: 'dark' });
    await look(operator, 'operator-prices-dark');
    await operator.go('feeder', 'Feeder');
    await look(operator, 'operator-feeder-dark');
    await operator.page.emulateMedia({ colorScheme: 'light' });
    await operator.go('solver', 'Solver');
    await operator.page.getByRole('button', { name: 'Solve', exact: true }).click();
    await operator.page.getByRole('img', { name: /^Residuals/ }).waitFor();
    await operator.page.getByText('optimal').first().waitFor();
    await look(operator, 'operator-solver');
    await operator.go('explore', 'Ledger');
    await operator.page.getByRole('button', { name: 'Verify the whole ledger' }).click();
    await operator.page.getByText(/All \d+ blocks hold/).waitFor();
    await look(operator, 'explorer');
    await operator.page.getByRole('region', { name: 'Blocks, newest first' }).getByRole('link').first().click();
    await operator.page
      .getByRole('link', { name: /reconcile/i })
      .first()
      .waitFor();
    await look(operator, 'explorer-block');
  });

  it('gives a participant its day, its statement and proofs it has checked itself', async () => {
    const anna = people[0]!;
    await anna.go('plan', 'My day');
    await anna.page.getByRole('img', { name: /^My power/ }).waitFor();
    await look(anna, 'participant-plan');
    await anna.go('statements', 'My statements');
    await anna.page.getByRole('button', { name: 'Check in this browser' }).click();
    await expect.poll(() => anna.page.getByText('✓ holds').count()).toBe(2);
    await anna.page.getByRole('button', { name: 'Check all receipts here' }).click();
    await anna.page
      .getByText(/All \d+ receipts are proven/)
      .first()
      .waitFor();
    expect(await anna.page.getByText('✓ proven').count()).toBeGreaterThan(1);
    expect(await anna.page.getByText('✗').count()).toBe(0);
    await look(anna, 'participant-statements');
    await anna.page.getByRole('link', { name: 'Accept offer' }).first().click();
    await anna.page.getByText('There is a receipt').waitFor();
    await look(anna, 'participant-transaction');
  });

  it('signs in again with the key in the browser, and by keyboard alone', async () => {
    const anna = people[0]!;
    await anna.page.getByRole('button', { name: 'Sign out' }).click();
    const again = anna.page.getByRole('button', { name: 'Sign in as c-5' });
    await again.waitFor();
    await again.focus();
    await anna.page.keyboard.press('Enter');
    await anna.page.getByRole('button', { name: 'Sign out' }).waitFor();
    await expect.poll(() => anna.page.evaluate(() => document.activeElement?.tagName)).toBe('H1');
  });

  it('has nothing that axe finds against WCAG 2.2 AA, no error and no foreign request', () => {
    expect(axe).toEqual([]);
    expect([operator, ...people].flatMap(({ problems }) => problems)).toEqual([]);
  });
});
