import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Path of a Chromium on this machine, or undefined; `CROWDWATT_CHROMIUM` names another. */
export function findChromium(): string | undefined {
  return [process.env.CROWDWATT_CHROMIUM, ...PLACES].find((path) => path !== undefined && existsSync(path));
}

/**
 * True where browser tests cannot run: says loudly what is not proven then. With
 * CROWDWATT_REQUIRE_BROWSER set they are never skipped but fail.
 */
export function withoutBrowser(whatIsNotProven: string): boolean {
  if (findChromium() !== undefined || process.env.CROWDWATT_REQUIRE_BROWSER) return false;
  console.warn(`SKIPPED, no Chromium on this machine: ${whatIsNotProven} is not proven (set CROWDWATT_CHROMIUM)`);
  return true;
}

export function openBrowser(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error('no Chromium here; install it or set CROWDWATT_CHROMIUM');
  return chromium.launch({ executablePath, args: ['--no-sandbox'] });
}
