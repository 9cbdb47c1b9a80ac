import type { Case, Generator, Load } from '../model/case.js';
import type { Solution } from '../solver/solution.js';
import type { DevicePlan } from './own-plan.js';
import { devicesByParticipant, type ParticipantDevices } from './own-plan.js';
import { scheduledPlan } from './tasks.js';

/** Value of lost load over the dearest DLMP of the day: far above any generator, near enough for the solver. */
const LOST_LOAD_FACTOR = 10;

export interface RealisedCase {
  /**
   * Devices turned into given injections; loads may be shed at a penalty, only generators are free. The
   * feeder's own generators come first; those after them curtail a surplus.
   */
  readonly feeder: Case;
}

/**
 * The day as it really goes, as a dispatch problem with everything fixed but the generators (line 10
 * of Algorithm 1): Type-2 devices as simulated, all others as the equilibrium has them, loads with
 * the real-time deviation spread over them. Every load can be shed at a penalty, so that what the
 * generators cannot cover comes out as a number instead of as "infeasible".
 */
export function realisedCase(
  feeder: Case,
  solution: Solution,
  simulated: ReadonlyMap<string, DevicePlan>,
  withSpill: boolean,
): RealisedCase {
  const penalty = LOST_LOAD_FACTOR * Math.max(50, ...solution.buses!.flatMap((bus) => bus.dlmpPerMwh!));
  const loads = deviatedLoads(feeder, solution, penalty);
  const injections = deviceInjections(feeder, solution, simulated);
  const spill: Generator[] = [];
  for (const [bus, { p, q }] of injections) {
    loads.push({ id: `devices at ${bus}`.slice(0, 128), bus, pMw: p.map(negated), qMvar: q.map(negated) });
    const most = Math.max(...p);
    if (withSpill && most > 0) spill.push(spillAt(bus, most, feeder.periods));
  }
  return {
    feeder: {
      ...feeder,
      minRenewableShare: undefined,
      loads,
      solar: [],
      batteries: [],
      shapables: [],
      crowdsourcees: [],
      generators: [...feeder.generators, ...spill],
      incentives: undefined,
    },
  };
}

/** What the equilibrium sheds is not there; the deviation of a period falls on all loads in proportion. */
function deviatedLoads(feeder: Case, solution: Solution, penalty: number): Load[] {
  const shed = new Map((solution.shed ?? []).map((entry) => [entry.id, entry.pMw]));
  const deviation = feeder.incentives?.deviationMw;
  const total = Array.from({ length: feeder.periods }, (_, t) =>
    feeder.loads.reduce((sum, load) => sum + Math.max(0, load.pMw[t]!), 0),
  );
  return feeder.loads.map((load): Load => {
    const less = shed.get(load.id);
    const scale = load.pMw.map((mw, t) => {
      if (mw <= 0) return 1;
      const share = deviation && total[t]! > 0 ? Math.max(-1, deviation[t]! / total[t]!) : 0;
      return (1 + share) * (1 - (less?.[t] ?? 0) / mw);
    });
    return {
      id: load.id,
      bus: load.bus,
      pMw: load.pMw.map((mw, t) => mw * scale[t]!),
      qMvar: load.qMvar.map((mvar, t) => mvar * scale[t]!),
      shedCostPerMwh: penalty,
    };
  });
}

function deviceInjections(feeder: Case, solution: Solution, simulated: ReadonlyMap<string, DevicePlan>) {
  const byBus = new Map<string, { p: number[]; q: number[] }>();
  const zeros = () => new Array<number>(feeder.periods).fill(0);
  for (const devices of devicesByParticipant(feeder)) {
    const { id, bus } = devices.person;
    const plan = simulated.get(id) ?? scheduledPlan(solution, devices);
    const at = byBus.get(bus) ?? { p: zeros(), q: zeros() };
    byBus.set(bus, at);
    addPlan(feeder, solution, devices, plan, at);
  }
  return byBus;
}

/** Inverters keep the reactive power of the equilibrium; a shapable load's follows its power factor. */
function addPlan(
  feeder: Case,
  solution: Solution,
  devices: ParticipantDevices,
  plan: DevicePlan,
  at: { p: number[]; q: number[] },
): void {
  const add = (to: number[], series: readonly number[], factor: number) => {
    series.forEach((value, t) => {
      to[t]! += factor * value;
    });
  };
  devices.solar.forEach((place, k) => {
    add(at.p, plan.solarMw[k]!, 1);
    add(at.q, solution.solar![place]!.qMvar, 1);
  });
  devices.batteries.forEach((place, k) => {
    add(at.p, plan.batteryMw[k]!, 1);
    add(at.q, solution.batteries![place]!.qMvar, 1);
  });
  devices.shapables.forEach((place, k) => {
    add(at.p, plan.shapableMw[k]!, -1);
    add(at.q, plan.shapableMw[k]!, -Math.tan(Math.acos(feeder.shapables[place]!.powerFactor)));
  });
}

/**
 * $/MWh that curtailing saves. Next to nothing, so that nothing is curtailed while power is worth money;
 * but something, so that a surplus is curtailed rather than burnt in losses that only the relaxation has.
 */
const CURTAILED = 0.01;

/** A generator that only takes: at most what the devices at its bus give. */
function spillAt(bus: string, mostMw: number, periods: number): Generator {
  return {
    id: `surplus at ${bus}`.slice(0, 128),
    bus,
    pMinMw: -mostMw,
    pMaxMw: 0,
    qMinMvar: 0,
    qMaxMvar: 0,
    costQuadratic: 0,
    costLinear: new Array<number>(periods).fill(CURTAILED),
    costConstant: 0,
  };
}

const negated = (value: number) => (value === 0 ? 0 : -value);
