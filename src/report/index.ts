import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CrowdwattError } from '../errors.js';
import { packageRoot } from '../package-root.js';
import { partsChart, powerChart, priceChart, voltageChart } from './bus-charts.js';
import { lineChart } from './charts.js';
import { convergenceChart, incentiveChart, offeredPriceChart, priceHeatMap } from './figures.js';
import type { ReportInput, WrittenReport } from './input.js';
import { renderPage } from './page.js';
import { defaultBus, incentiveSeries, pageData } from './series.js';

export type { ReportInput, WrittenReport } from './input.js';

/** Compiled text of the modules that also run in the page; they import nothing. */
async function pageScripts(): Promise<string[]> {
  const folder = join(packageRoot(), 'dist', 'src', 'report');
  const read = async (name: string) => {
    const text = await readFile(join(folder, `${name}.js`), 'utf8');
    // An inline script has no exports and no map; `</script` cannot occur in compiled code without a string.
    return text
      .replace(/^\/\/# sourceMappingURL.*$/m, '')
      .replace(/^export /gm, '')
      .replaceAll('</', '<\\/');
  };
  return Promise.all(['charts', 'bus-charts', 'page-client'].map(read));
}

/**
 * Writes the report of a day (or of a solution alone) into a folder: `index.html`, self-contained, and
 * the figures as SVG files. The folder is made where it is missing; files of an earlier report are
 * replaced.
 *
 * @throws CrowdwattError `usage` for a bus that the case does not have, `io/write` where a file cannot be written
 */
export async function writeReport(folder: string, input: ReportInput): Promise<WrittenReport> {
  const { case: source, solution, report } = input;
  const data = pageData(source, solution);
  if (input.bus !== undefined && !data.buses.some((bus) => bus.id === input.bus)) {
    throw new CrowdwattError('usage', `report: the case ${source.name} has no bus ${input.bus}`, { id: input.bus });
  }
  const bus = defaultBus(data.buses, input.bus);
  const incentives = report ? incentiveSeries(source, report) : [];
  const priced = data.buses[bus]!.dlmp.length > 0;
  const figures: Record<string, string | undefined> = {
    'fig3-left.svg': powerChart(lineChart, data, bus, true),
    'fig3-right.svg': incentiveChart(data, incentives, true),
    'offered-prices.svg': offeredPriceChart(data, incentives, true),
    'dlmp.svg': priceHeatMap(data, true),
    'price.svg': priced ? priceChart(lineChart, data, bus, true) : undefined,
    'price-parts.svg': data.buses[bus]!.parts ? partsChart(lineChart, data, bus, true) : undefined,
    'voltage.svg': voltageChart(lineChart, data, bus, true),
    'convergence.svg': convergenceChart(solution, true),
  };
  const page = join(folder, 'index.html');
  const written: string[] = [];
  try {
    await mkdir(folder, { recursive: true });
    for (const [name, svg] of Object.entries(figures)) {
      if (svg === undefined) continue;
      await writeFile(join(folder, name), svg);
      written.push(join(folder, name));
    }
    await writeFile(page, renderPage(input, data, bus, await pageScripts()));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CrowdwattError(
      'io/write',
      `report: cannot write into ${folder}: ${why}`,
      { path: folder },
      { cause: error },
    );
  }
  return { page, figures: written };
}
