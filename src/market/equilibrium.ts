import type { EquilibriumRecord } from '../../chaincode/src/domain/index.js';
import { CrowdwattError } from '../errors.js';
import type { Case } from '../model/case.js';
import type { Solution } from '../solver/solution.js';
import { microDollars, wattHours } from '../units.js';
import { documentHash, publicCase, publicSolution } from './document-hash.js';
import type { MarketDay } from './market-day.js';
import type { GateResult } from './preferences.js';

/** The day's equilibrium: what was solved and what came out. */
export interface Equilibrium {
  readonly feeder: Case;
  readonly solution: Solution;
  readonly caseHash: string;
  readonly solutionHash: string;
}

/**
 * Solves CES-OPF for a case and insists on a schedule that may be traded on.
 *
 * @throws CrowdwattError `solver/no-schedule`, `solver/inexact` or `cancelled`; `details.solution` is what came out
 */
export async function solveForTrade(day: MarketDay, feeder: Case): Promise<Equilibrium> {
  const solution = await day.solver(feeder, { ...day.hooks, ...day.solveSettings });
  const { status, reason, certificate } = solution;
  if (status === 'cancelled') throw new CrowdwattError('cancelled', `day ${day.day} was cancelled in its solve`);
  if (solution.buses === undefined || (status !== 'optimal' && status !== 'reduced-accuracy')) {
    throw new CrowdwattError('solver/no-schedule', `no schedule to trade on: ${status}${reason ? `: ${reason}` : ''}`, {
      solution,
    });
  }
  if (certificate?.verdict === 'inexact' && !day.allowInexact) {
    const why = reason ?? 'its AC replay differs from it';
    const text = `the schedule is inexact (${why}); prices from it are not traded on without --allow-inexact`;
    throw new CrowdwattError('solver/inexact', text, { solution });
  }
  return {
    feeder,
    solution,
    caseHash: documentHash(publicCase(feeder)),
    solutionHash: documentHash(publicSolution(solution)),
  };
}

/**
 * Line 2 of Algorithm 1: the equilibrium of the case that was in force at the gate, its hashes and
 * totals on the ledger. `foreseen`, solved before the day was opened, is kept where nothing changed.
 */
export async function publishEquilibrium(
  day: MarketDay,
  gate: GateResult,
  foreseen: Equilibrium,
): Promise<Equilibrium> {
  const caseHash = documentHash(publicCase(gate.feeder));
  const equilibrium = caseHash === foreseen.caseHash ? foreseen : await solveForTrade(day, gate.feeder);
  const { solution, solutionHash } = equilibrium;
  const args: EquilibriumRecord = {
    day: day.day,
    preferencesRoot: gate.root,
    caseHash,
    solutionHash,
    dlmpDigest: documentHash(solution.buses!.map((bus) => [bus.id, bus.dlmpPerMwh, bus.dlmpReactivePerMvarh])),
    totals: {
      objectiveMicro: microDollars(solution.objective!),
      lowerBoundMicro: microDollars(solution.lowerBound ?? solution.objective!),
      generationWh: energyWh(
        solution.generators!.map((generator) => generator.pMw),
        gate.feeder,
      ),
      loadWh: energyWh(
        gate.feeder.loads.map((load) => load.pMw),
        gate.feeder,
      ),
      lossWh: energyWh(
        solution.lines!.map((line) => line.lossMw),
        gate.feeder,
      ),
    },
  };
  await keepDocuments(day, equilibrium);
  await day.submit(await day.operator(), 'PublishEquilibrium', args, 'equilibrium', day.clock.published);
  return equilibrium;
}

/** The documents behind the two hashes, where the ledger keeps such: what an auditor needs. */
async function keepDocuments(day: MarketDay, { feeder, solution }: Equilibrium): Promise<void> {
  await day.ledger.putObject?.(publicCase(feeder));
  await day.ledger.putObject?.(publicSolution(solution));
}

function energyWh(series: readonly (readonly number[])[], feeder: Case): number {
  const mw = series.reduce((sum, values) => sum + values.reduce((a, b) => a + b, 0), 0);
  return wattHours(mw, feeder.hoursPerPeriod);
}
