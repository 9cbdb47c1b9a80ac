import { CrowdwattError } from '../../errors.js';
import type { Case } from '../../model/case.js';
import { FeederDraft } from '../draft.js';
import type { Imported } from '../notes.js';
import { type DssBranch, readBranches } from './branches.js';
import { hasDailyShape, readDevices } from './devices.js';
import { type DssScript, readScript } from './script.js';
import { HOURS, readShapes } from './shapes.js';
import { busOf, Properties, toNumber } from './values.js';

/** Elements that measure or control and carry no power. */
const WITHOUT_POWER = new Set([
  'monitor',
  'energymeter',
  'sensor',
  'spectrum',
  'growthshape',
  'tcc_curve',
  'xycurve',
  'tshape',
  'priceshape',
  'xfmrcode',
  'wiredata',
  'cndata',
  'tsdata',
  'linegeometry',
  'linespacing',
  'invcontrol',
  'storagecontroller',
  'expcontrol',
]);
const CONTROLS = new Set(['regcontrol', 'capcontrol', 'swtcontrol', 'relay', 'recloser', 'fuse']);
const KNOWN = new Set([
  'circuit',
  'line',
  'linecode',
  'transformer',
  'load',
  'loadshape',
  'capacitor',
  'pvsystem',
  'storage',
  'generator',
  'reactor',
]);

/**
 * OpenDSS script → balanced positive-sequence case: one period (snapshot), or 24 hours where
 * elements follow daily shapes. What a balanced equivalent cannot hold is listed or refused.
 */
export async function importOpenDss(path: string): Promise<Imported<Case>> {
  const script = await readScript(path);
  const circuits = script.objects.filter((o) => o.kind === 'circuit');
  if (circuits.length !== 1)
    throw new CrowdwattError('input/invalid', `${circuits.length} circuits are defined: exactly one can be imported`);
  const circuit = new Properties(circuits[0]!);
  const root = busOf(circuit.text('bus1', 'sourcebus')).bus;
  const baseKv = circuit.number('basekv', 115);
  const shapes = await readShapes(script);
  const periods = hasDailyShape(script, shapes) ? HOURS : 1;
  const baseMva = 1;
  const draft = new FeederDraft(circuit.object.name, baseMva, periods, 1);
  const hertz = toNumber(script.options.get('defaultbasefrequency') ?? '60', 'DefaultBaseFrequency');

  const branches = readBranches(script, draft, hertz);
  const kv = voltageLevels(branches, root, baseKv);
  for (const bus of kv.keys()) draft.bus(bus, 0.9, 1.1);
  draft.approximations.add('the script gives no voltage band: 0.9 to 1.1 pu everywhere');
  for (const branch of branches) addBranch(draft, branch, kv, baseMva);
  const peak = readDevices(script, { draft, shapes, periods, kv: (bus) => kv.get(bus) });
  noteTheRest(script, draft);

  const most = 3 * Math.max(peak, 1e-3);
  draft.approximations.add('the script gives no price of supply: a substation of three times the peak at 30 $/MWh');
  draft.leftOut.add('impedance of the source behind the root');
  const costLinear = Array.from({ length: periods }, () => 30);
  draft.generator({
    id: 'substation',
    bus: root,
    pMinMw: -most,
    pMaxMw: most,
    qMinMvar: -most,
    qMaxMvar: most,
    costQuadratic: 0,
    costLinear,
    costConstant: 0,
  });
  return draft.finish(root, baseKv, circuit.number('pu', 1));
}

/** Nominal kV of every bus that hangs on the source, carried along branches from it. */
function voltageLevels(branches: readonly DssBranch[], root: string, baseKv: number): Map<string, number> {
  const neighbours = new Map<string, { bus: string; ratio: number }[]>();
  const link = (from: string, to: string, ratio: number): void => {
    const list = neighbours.get(from);
    if (list === undefined) neighbours.set(from, [{ bus: to, ratio }]);
    else list.push({ bus: to, ratio });
  };
  for (const b of branches) {
    link(b.from, b.to, b.ratio);
    link(b.to, b.from, 1 / b.ratio);
  }
  const kv = new Map([[root, baseKv]]);
  // A Map grows while it is walked: this is a breadth-first search.
  for (const [bus, level] of kv) {
    for (const next of neighbours.get(bus) ?? []) if (!kv.has(next.bus)) kv.set(next.bus, level * next.ratio);
  }
  return kv;
}

function addBranch(draft: FeederDraft, branch: DssBranch, kv: ReadonlyMap<string, number>, baseMva: number): void {
  const level = kv.get(branch.from);
  if (level === undefined || !kv.has(branch.to)) {
    draft.leftOut.add('branches that nothing connects to the source', branch.id);
    return;
  }
  let r: number;
  let x: number;
  if (branch.perUnit !== undefined) {
    const [rPu, xPu, ratingMva] = branch.perUnit;
    r = (rPu * baseMva) / ratingMva;
    x = (xPu * baseMva) / ratingMva;
  } else {
    const puPerOhm = baseMva / level ** 2;
    r = branch.ohms![0] * puPerOhm;
    x = branch.ohms![1] * puPerOhm;
  }
  const limit =
    branch.ampsLimit === undefined
      ? undefined
      : (Math.min(branch.phases, 3) * (level / Math.sqrt(3)) * branch.ampsLimit) / 1000;
  if (limit !== undefined)
    draft.approximations.add('normal ampere ratings taken as MVA limits at nominal voltage', branch.id);
  draft.branch(branch.id, branch.from, branch.to, r, x, limit);
  if (branch.chargingMvarPerKv2 > 0) {
    const charging = branch.chargingMvarPerKv2 * level ** 2;
    draft.approximations.add('line charging moved half to the shunt of each end', branch.id);
    draft.shunt(branch.from, charging / 2);
    draft.shunt(branch.to, charging / 2);
  }
}

function noteTheRest(script: DssScript, draft: FeederDraft): void {
  for (const object of script.objects) {
    const id = `${object.kind}.${object.name}`;
    if (CONTROLS.has(object.kind))
      draft.leftOut.add('controls and protection (regulators at tap 1, capacitors on, switches as given)', id);
    else if (object.kind === 'vsource' || object.kind === 'isource')
      throw new CrowdwattError('input/invalid', `${object.where}: ${id} is a second source; a feeder has one`, { id });
    else if (!KNOWN.has(object.kind) && !WITHOUT_POWER.has(object.kind))
      draft.leftOut.add(`${object.kind} elements`, id);
  }
  const harmless = new Set([
    'solve',
    'calcvoltagebases',
    'calcv',
    'buscoords',
    'show',
    'plot',
    'export',
    'latlongcoords',
    'setbusxy',
    'sample',
    'visualize',
    'closedi',
    'reset',
    'makebuslist',
    'interpolate',
    'setkvbase',
    'var',
    'batchedit',
    'get',
    '?',
    'help',
    'save',
    'summary',
    'doscmd',
    'cd',
  ]);
  for (const [verb, where] of script.ignored)
    if (!harmless.has(verb)) draft.leftOut.add('commands that were not carried out', `${verb} (${where})`);
}
