import { stat } from 'node:fs/promises';
import { type Command, InvalidArgumentError } from 'commander';
import { CrowdwattError } from '../../errors.js';
import { importCase } from '../../import/index.js';
import type { Case } from '../../model/case.js';
import { readCase } from '../../model/index.js';
import { buildScenario, generateFeeder, profilesFromCsv } from '../../scenario/index.js';
import { integerBetween, numberBetween } from '../arguments.js';
import type { CliContext } from '../context.js';

interface Options {
  readonly out: string;
  readonly seed: string;
  readonly periods: number;
  readonly solar: number;
  readonly battery: { power: number; hours: number };
  readonly ev: number;
  readonly type2: number;
  readonly participation: number;
  readonly loadScale: number;
  readonly vMin?: number;
  readonly vMax?: number;
  readonly inverter?: number;
  readonly profiles?: string;
}

const share = numberBetween(0, 1, 'a share from 0 to 1');
const multiple = numberBetween(0, 1000, 'a multiple of the peak load, 0 to 1000');

export function register(program: Command, context: CliContext): void {
  program
    .command('scenario')
    .description('turn lines and peak loads into a day with profiles, devices and people')
    .argument('<feeder>', "feeder folder, case file, or 'generated:N' for a radial feeder of N buses")
    .requiredOption('--out <file>', "the case; '-' for standard output")
    .option('--seed <text>', 'the same seed gives the same case', '1')
    .option('--periods <n>', 'periods over the 24 hours', integerBetween(1, 2016), 24)
    .option('--solar <share>', 'solar plants, times each peak load', multiple, 1.5)
    .option('--battery <PxH>', 'batteries: power times peak load, hours of energy', battery, { power: 0.8, hours: 4 })
    .option('--ev <multiple>', 'shapable energy up to this many peak-load hours', multiple, 5)
    .option('--type2 <share>', 'share of crowdsourcees who decide in real time', share, 0.4)
    .option('--participation <share>', 'share of the loaded buses that take part', share, 1)
    .option('--load-scale <factor>', 'all loads times this', numberBetween(1e-6, 1e6, 'a positive number'), 1)
    .option('--v-min <pu>', 'lower voltage limit everywhere', numberBetween(0.1, 2, 'a voltage in pu'))
    .option('--v-max <pu>', 'upper voltage limit everywhere', numberBetween(0.1, 2, 'a voltage in pu'))
    .option(
      '--inverter <ratio>',
      'inverter rating times power: reactive power inside the disc',
      numberBetween(1, 10, 'a ratio from 1 to 10'),
    )
    .option('--profiles <csv>', 'columns load or residential, commercial; solar; price, rows spread over a day')
    .action(async (source: string, options: Options) => {
      const feeder = await readFeeder(source, options.seed);
      const { seed, periods, solar, ev, type2, participation, loadScale, inverter } = options;
      const profiles = options.profiles === undefined ? undefined : await profilesFromCsv(options.profiles, periods);
      const built = buildScenario(feeder, {
        seed,
        periods,
        solar,
        battery: options.battery,
        ev,
        type2,
        participation,
        loadScale,
        inverter,
        vMinPu: options.vMin,
        vMaxPu: options.vMax,
        profiles,
      });
      await context.writeOutput(options.out, built);
      context.print(
        `${built.name}: ${built.buses.length} buses, ${built.loads.length} loads, ${built.solar.length} solar, ` +
          `${built.batteries.length} batteries, ${built.shapables.length} shapable, ${built.crowdsourcees.filter((c) => c.type === 2).length} of ${built.crowdsourcees.length} crowdsourcees of Type 2`,
      );
    });
}

async function readFeeder(source: string, seed: string): Promise<Case> {
  const generated = /^generated:(\d+)$/.exec(source);
  if (generated !== null) return generateFeeder({ buses: Number(generated[1]), seed });
  const found = await stat(source).catch(() => undefined);
  if (found === undefined)
    throw new CrowdwattError(
      'input/unreadable',
      `${source} is not there; a feeder folder, a case file or generated:N is needed`,
    );
  return found.isDirectory() ? (await importCase('csv', source)).case : await readCase(source);
}

function battery(text: string): { power: number; hours: number } {
  const match = /^(\d*\.?\d+)x(\d*\.?\d+)$/.exec(text);
  if (match === null) throw new InvalidArgumentError('It must be POWERxHOURS, for instance 0.8x4.');
  return { power: Number(match[1]), hours: Number(match[2]) };
}
