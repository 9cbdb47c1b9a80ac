import type { Case } from '../model/case.js';
import type { Solution } from '../solver/solution.js';
import type { ShiftPlan, Task } from './tasks.js';

/**
 * How far each task of one participant may go beyond its m^eq when the feeder is short or long in
 * real time, MW by period: what its batteries can give or take with every other period's task
 * intact, and what its shapable loads can move to or from later periods in which it has no task.
 * What one period is granted is gone for the later ones: the stores are used up in time order.
 *
 * @param deviationMw positive where the feeder is short; no more than this is granted
 * @param tasks the participant's own tasks, at most one a period
 */
export function headroomOf(
  feeder: Case,
  solution: Solution,
  plan: ShiftPlan,
  tasks: readonly Task[],
  deviationMw: readonly number[],
): number[] {
  const granted = new Array<number>(feeder.periods).fill(0);
  const byPeriod = new Map(tasks.map((task) => [task.period, task]));
  const stores = plan.devices.batteries.map((place) => new BatteryRoom(feeder, solution, place));
  const appliances = plan.devices.shapables.map((place, k) => new ShapableRoom(feeder, plan, place, k, byPeriod));
  for (let t = 0; t < feeder.periods; t++) {
    const deviation = deviationMw[t] ?? 0;
    const task = byPeriod.get(t);
    if (!task || deviation * task.direction <= 0) continue;
    let wanted = Math.abs(deviation);
    for (const store of [...stores, ...appliances]) {
      const got = store.grant(t, task.direction, wanted);
      granted[t]! += got;
      wanted -= got;
    }
  }
  return granted;
}

/** A battery's energy path under the equilibrium, lowered or raised by what was granted. */
class BatteryRoom {
  readonly #energy: number[];

  constructor(
    readonly feeder: Case,
    readonly solution: Solution,
    readonly place: number,
  ) {
    this.#energy = [...solution.batteries![place]!.energyMwh];
  }

  /** The final energy is free here (it is the owner's wish, not a task); empty and full are not. */
  grant(t: number, direction: 1 | -1, wanted: number): number {
    const battery = this.feeder.batteries[this.place]!;
    const { chargeMw, dischargeMw } = this.solution.batteries![this.place]!;
    const hours = this.feeder.hoursPerPeriod;
    const path = this.#energy.slice(t);
    const room = direction === 1 ? Math.min(...path) : Math.min(...path.map((energy) => battery.energyMwh - energy));
    // First undo what runs the other way, then run this way: each moves the store at its own rate.
    const giving = { undo: chargeMw[t]!, undoRate: battery.chargeEfficiency, doRate: 1 / battery.dischargeEfficiency };
    const taking = {
      undo: dischargeMw[t]!,
      undoRate: 1 / battery.dischargeEfficiency,
      doRate: battery.chargeEfficiency,
    };
    const { undo, undoRate, doRate } = direction === 1 ? giving : taking;
    const running = direction === 1 ? dischargeMw[t]! : chargeMw[t]!;
    const undone = Math.max(0, Math.min(wanted, undo, room / (hours * undoRate)));
    const left = room - undone * hours * undoRate;
    const done = Math.max(0, Math.min(wanted - undone, battery.powerMw - running, left / (hours * doRate)));
    const moved = direction * hours * (undone * undoRate + done * doRate);
    for (let s = t; s < this.#energy.length; s++) this.#energy[s]! -= moved;
    return undone + done;
  }
}

/** What a shapable load can catch up, or take ahead, in later periods of its window without a task. */
class ShapableRoom {
  readonly #plan: number[];

  constructor(
    readonly feeder: Case,
    plan: ShiftPlan,
    readonly place: number,
    k: number,
    readonly tasks: ReadonlyMap<number, Task>,
  ) {
    this.#plan = [...plan.equilibrium.shapableMw[k]!];
  }

  grant(t: number, direction: 1 | -1, wanted: number): number {
    const appliance = this.feeder.shapables[this.place]!;
    if (t < appliance.startPeriod || t >= appliance.endPeriod) return 0;
    const now = direction === 1 ? this.#plan[t]! : appliance.maxMw - this.#plan[t]!;
    let left = Math.max(0, Math.min(wanted, now));
    const got = left;
    for (let s = t + 1; s < appliance.endPeriod && left > 0; s++) {
      if (this.tasks.has(s)) continue;
      const room = direction === 1 ? appliance.maxMw - this.#plan[s]! : this.#plan[s]!;
      const moved = Math.max(0, Math.min(left, room));
      this.#plan[s]! += direction * moved;
      left -= moved;
    }
    this.#plan[t]! -= direction * (got - left);
    return got - left;
  }
}
