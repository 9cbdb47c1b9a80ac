import type { FeederDraft } from '../draft.js';
import type { DssScript } from './script.js';
import { type DailyShapes, HOURS } from './shapes.js';
import { busOf, Properties } from './values.js';

interface Context {
  readonly draft: FeederDraft;
  readonly shapes: DailyShapes;
  readonly periods: number;
  /** kV of a bus; undefined where the bus hangs on nothing. */
  readonly kv: (bus: string) => number | undefined;
}

/** True where any element follows a daily shape, so that the case is a day and not a snapshot. */
export function hasDailyShape(script: DssScript, shapes: DailyShapes): boolean {
  return script.objects.some(
    (o) => ['load', 'pvsystem', 'generator', 'storage'].includes(o.kind) && shapes.has(shapeOf(new Properties(o))),
  );
}

/** Everything that sits at one bus. Gives back the sum of apparent loads, MVA. */
export function readDevices(script: DssScript, context: Context): number {
  let peak = 0;
  for (const object of script.objects) {
    const read = READERS[object.kind];
    if (read === undefined) continue;
    const p = new Properties(object);
    const bus = busOf(p.text('bus1', p.text('bus'))).bus;
    if (!p.flag('enabled', true)) context.draft.leftOut.add('disabled elements', p.id);
    else if (!context.draft.hasBus(bus))
      context.draft.leftOut.add('elements at buses that nothing connects to the source', p.id);
    else peak += read(p, bus, context);
  }
  return peak;
}

type Reader = (p: Properties, bus: string, context: Context) => number;

const READERS: Readonly<Record<string, Reader>> = { load, capacitor, pvsystem, storage, generator };

function shapeOf(p: Properties): string {
  return (p.text('daily') || p.text('yearly') || p.text('duty')).toLowerCase();
}

/** Multipliers of an element of `kw` by period; 1 everywhere in a snapshot or without a shape. */
function profile(p: Properties, kw: number, { shapes, periods, draft }: Context): readonly number[] {
  const name = shapeOf(p);
  const shape = shapes.get(name);
  if (periods === HOURS && shape !== undefined) {
    return shape.actual && kw !== 0 ? shape.values.map((v) => v / kw) : shape.values;
  }
  if (name !== '' && shape === undefined)
    draft.approximations.add('shapes that the script does not define taken as constant', `${p.id} (${name})`);
  else if (periods === HOURS && name === '')
    draft.approximations.add('elements without a daily shape taken as constant over the day', p.id);
  return Array.from({ length: periods }, () => 1);
}

function load(p: Properties, bus: string, context: Context): number {
  const { kw, kvar } = power(p);
  const shape = profile(p, kw, context);
  context.draft.load(
    p.id,
    bus,
    shape.map((m) => (kw / 1000) * m),
    shape.map((m) => (kvar / 1000) * m),
  );
  if (p.number('model', 1) !== 1)
    context.draft.approximations.add('voltage-dependent loads taken as constant power', p.id);
  if (p.number('phases', 3) !== 3)
    context.draft.approximations.add('one- and two-phase loads summed into the bus', p.id);
  return Math.hypot(kw, kvar) / 1000;
}

/** kW and kvar; the last of kvar, pf and kVA that the script gives decides, as in OpenDSS. */
function power(p: Properties): { kw: number; kvar: number } {
  let kw = 10;
  let kvar = 5;
  let pf = 0.88;
  let byFactor = true;
  let kva: number | undefined;
  for (const [name, value] of p.object.properties) {
    const number = (): number => new Properties({ ...p.object, properties: [[name, value]] }).number(name, 0);
    if (name === 'kw') {
      kw = number();
      kva = undefined;
    } else if (name === 'kvar') {
      kvar = number();
      byFactor = false;
    } else if (name === 'pf') {
      pf = number();
      byFactor = true;
    } else if (name === 'kva') kva = number();
  }
  if (kva !== undefined) kw = kva * Math.abs(pf);
  if (byFactor || kva !== undefined)
    kvar = pf === 0 ? 0 : kw * Math.tan(Math.acos(Math.min(1, Math.abs(pf)))) * Math.sign(pf);
  return { kw, kvar };
}

function capacitor(p: Properties, bus: string, { draft, kv }: Context): number {
  const other = p.has('bus2') ? busOf(p.text('bus2')).bus : bus;
  if (other !== bus) {
    draft.leftOut.add('series capacitors', p.id);
    return 0;
  }
  const kvar = (p.numbers('kvar') ?? [1200]).reduce((sum, step) => sum + step, 0);
  const rated = p.number('kv', 12.47) * (p.number('phases', 3) === 1 && !/^d/i.test(p.text('conn')) ? Math.sqrt(3) : 1);
  const level = (kv(bus) ?? rated) / rated;
  draft.shunt(bus, (kvar / 1000) * level ** 2);
  return 0;
}

function pvsystem(p: Properties, bus: string, context: Context): number {
  const peakMw = (p.number('pmpp', 500) / 1000) * p.number('irradiance', 1);
  const rating = p.number('kva', 500) / 1000;
  const shape = profile(p, peakMw * 1000, context);
  const forecast = shape.map((m) => Math.min(Math.max(0, peakMw * m), rating));
  context.draft.plant(p.id, bus, forecast, rating);
  context.draft.leftOut.add('panel temperature and inverter efficiency curves', p.id);
  return 0;
}

function storage(p: Properties, bus: string, { draft }: Context): number {
  const energy = p.number('kwhrated', 50) / 1000;
  const stored = p.has('kwhstored') ? p.number('kwhstored', 0) / 1000 : (energy * p.number('%stored', 100)) / 100;
  draft.approximations.add(
    'storage: final energy = what is stored at the start, reserve and idling losses left out',
    p.id,
  );
  draft.battery({
    id: p.id,
    bus,
    powerMw: p.number('kwrated', 25) / 1000,
    energyMwh: energy,
    initialMwh: Math.min(stored, energy),
    finalMwh: Math.min(stored, energy),
    chargeEfficiency: p.number('%effcharge', 90) / 100,
    dischargeEfficiency: p.number('%effdischarge', 90) / 100,
    throughputCost: 0,
  });
  return 0;
}

function generator(p: Properties, bus: string, { draft, periods }: Context): number {
  const { kw, kvar } = power(p);
  const most = Math.abs(kvar) / 1000;
  draft.approximations.add('generators taken as dispatchable from 0 to their kW at 40 $/MWh', p.id);
  draft.generator({
    id: p.id,
    bus,
    pMinMw: 0,
    pMaxMw: Math.max(0, kw / 1000),
    qMinMvar: -most,
    qMaxMvar: most,
    costQuadratic: 0,
    costLinear: Array.from({ length: periods }, () => 40),
    costConstant: 0,
  });
  return 0;
}
