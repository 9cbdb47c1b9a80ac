import { CrowdwattError } from '../errors.js';
import type { Battery, Bus, Case, Crowdsourcee, Generator, Line, Load, Solar } from '../model/case.js';
import { type Imported, Notes } from './notes.js';

interface DraftBranch {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  rPu: number;
  xPu: number;
  limitMva: number;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * A feeder being imported. Impedances come in per unit on `baseMva`, whatever voltage level they sit
 * at, and leave as ohms at the root's voltage, so that ideal transformers vanish; the network must
 * come out as one tree, which the model's own validation checks.
 */
export class FeederDraft {
  readonly approximations = new Notes();
  readonly leftOut = new Notes();
  private readonly buses = new Map<string, Mutable<Bus>>();
  private readonly branches: DraftBranch[] = [];
  private readonly loads: Load[] = [];
  private readonly solar: Solar[] = [];
  private readonly batteries: Battery[] = [];
  private readonly generators: Generator[] = [];
  private readonly crowdsourcees = new Map<string, Crowdsourcee>();

  constructor(
    readonly name: string,
    readonly baseMva: number,
    readonly periods: number,
    readonly hoursPerPeriod: number,
  ) {
    if (!(baseMva > 0 && Number.isFinite(baseMva)))
      throw new CrowdwattError('input/invalid', `the power base ${baseMva} MVA is not positive`);
  }

  bus(id: string, vMinPu: number, vMaxPu: number): void {
    if (this.buses.has(id)) throw new CrowdwattError('input/invalid', `bus ${id} is defined twice`, { id });
    this.buses.set(id, { id, vMinPu, vMaxPu });
  }

  hasBus(id: string): boolean {
    return this.buses.has(id);
  }

  branch(id: string, from: string, to: string, rPu: number, xPu: number, limitMva = Number.POSITIVE_INFINITY): void {
    for (const end of [from, to]) {
      if (!this.buses.has(end))
        throw new CrowdwattError('input/invalid', `line ${id} ends at bus ${end}, which is not defined`, { id });
    }
    if (from === to) {
      this.leftOut.add('branches from a bus to itself', id);
      return;
    }
    if (!Number.isFinite(rPu) || !Number.isFinite(xPu))
      throw new CrowdwattError('input/invalid', `line ${id} has impedance ${rPu} + j${xPu} pu`, { id });
    this.branches.push({ id, from, to, rPu, xPu, limitMva });
  }

  /** Reactive power injected at 1 pu voltage, Mvar. */
  shunt(bus: string, mvar: number): void {
    if (mvar === 0) return;
    const at = this.buses.get(bus)!;
    at.shuntMvar = (at.shuntMvar ?? 0) + mvar;
  }

  load(id: string, bus: string, pMw: readonly number[], qMvar: readonly number[]): void {
    this.loads.push({ id, bus, pMw, qMvar });
  }

  generator(generator: Generator): void {
    this.generators.push(generator);
  }

  /** Solar plant; its owner is made up, one a bus. */
  plant(id: string, bus: string, forecastMw: readonly number[], sMaxMva?: number): void {
    this.solar.push({
      id,
      bus,
      owner: this.ownerAt(bus),
      forecastMw,
      curtailable: true,
      ...(sMaxMva === undefined ? {} : { sMaxMva }),
    });
  }

  battery(battery: Omit<Battery, 'owner'>): void {
    this.batteries.push({ ...battery, owner: this.ownerAt(battery.bus) });
  }

  private ownerAt(bus: string): string {
    const id = `c-${bus}`;
    if (!this.crowdsourcees.has(id)) {
      this.crowdsourcees.set(id, { id, bus, type: 1, willingness: 1, reservationPrice: 0 });
      this.approximations.add('owners of devices made up: one Type-1 crowdsourcee a bus, willingness 1', bus);
    }
    return id;
  }

  finish(root: string, baseKv: number, rootVoltagePu: number): Imported<Case> {
    if (!this.buses.has(root))
      throw new CrowdwattError('input/invalid', `the root bus ${root} is not defined`, { id: root });
    const ohmPerPu = baseKv ** 2 / this.baseMva;
    const lines: Line[] = this.mergeParallel().map((b) => ({
      id: b.id,
      from: b.from,
      to: b.to,
      rOhm: b.rPu * ohmPerPu,
      xOhm: b.xPu * ohmPerPu,
      ...(Number.isFinite(b.limitMva) ? { limitMva: b.limitMva } : {}),
    }));
    const { baseMva, periods, hoursPerPeriod, loads, solar, batteries, generators, name } = this;
    const result: Case = {
      format: 'crowdwatt-case/1',
      name,
      baseMva,
      baseKv,
      root,
      rootVoltagePu,
      periods,
      hoursPerPeriod,
      buses: [...this.buses.values()],
      lines,
      loads,
      solar,
      batteries,
      shapables: [],
      generators,
      crowdsourcees: [...this.crowdsourcees.values()],
    };
    return { case: result, approximations: this.approximations.list(), leftOut: this.leftOut.list() };
  }

  /** Branches side by side between the same two buses are one branch: exact in a tree. */
  private mergeParallel(): DraftBranch[] {
    const byEnds = new Map<string, DraftBranch>();
    for (const branch of this.branches) {
      const key = JSON.stringify([branch.from, branch.to].sort());
      const other = byEnds.get(key);
      if (other === undefined) {
        byEnds.set(key, { ...branch });
        continue;
      }
      this.approximations.add(
        'parallel branches merged into one (limits share in proportion to admittance)',
        branch.id,
      );
      const merged = parallel(other, branch);
      Object.assign(other, merged);
    }
    return [...byEnds.values()];
  }
}

function parallel(a: DraftBranch, b: DraftBranch): Pick<DraftBranch, 'rPu' | 'xPu' | 'limitMva'> {
  const zeroA = a.rPu === 0 && a.xPu === 0;
  if (zeroA || (b.rPu === 0 && b.xPu === 0)) return { rPu: 0, xPu: 0, limitMva: a.limitMva + b.limitMva };
  const admittance = (z: DraftBranch): [number, number] => {
    const m = z.rPu ** 2 + z.xPu ** 2;
    return [z.rPu / m, -z.xPu / m];
  };
  const [ga, ba] = admittance(a);
  const [gb, bb] = admittance(b);
  const g = ga + gb;
  const s = ba + bb;
  const m = g * g + s * s;
  const total = Math.sqrt(m);
  // The branch that fills first sets the limit of the pair.
  const limitMva = Math.min((a.limitMva * total) / Math.hypot(ga, ba), (b.limitMva * total) / Math.hypot(gb, bb));
  return { rPu: g / m, xPu: -s / m, limitMva };
}
