import { CrowdwattError } from '../../errors.js';
import type { FeederDraft } from '../draft.js';
import type { DssScript } from './script.js';
import { busOf, Properties, unitRatio } from './values.js';

/** A branch before voltage levels are known. `ratio`: kV at `to` over kV at `from`. */
export interface DssBranch {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly ratio: number;
  /** Ohms of the balanced equivalent at `from`'s level, or… */
  readonly ohms?: readonly [r: number, x: number];
  /** …per unit on `ratingMva`. */
  readonly perUnit?: readonly [r: number, x: number, ratingMva: number];
  /** Total charging at 1 kV line to line, Mvar. */
  readonly chargingMvarPerKv2: number;
  readonly ampsLimit?: number;
  readonly phases: number;
}

/**
 * How much larger a lateral's impedance must be in a balanced equivalent, so that the whole power of
 * the lateral causes the voltage drop it has on its own phases: 3 for one phase, 1.5 for two.
 */
export function lateralFactor(phases: number): number {
  return 3 / Math.min(3, Math.max(1, phases));
}

export function readBranches(script: DssScript, draft: FeederDraft, hertz: number): DssBranch[] {
  const codes = new Map<string, Properties>();
  for (const object of script.objects) if (object.kind === 'linecode') codes.set(object.name, new Properties(object));
  const branches: DssBranch[] = [];
  for (const object of script.objects) {
    const p = new Properties(object);
    if (object.kind === 'line' && inService(script, draft, p)) branches.push(lineBranch(p, codes, draft, hertz));
    if (object.kind === 'reactor' && inService(script, draft, p)) reactorBranch(p, draft, branches);
    if (object.kind === 'transformer' && inService(script, draft, p)) branches.push(...transformerBranches(p, draft));
  }
  return branches;
}

function inService(script: DssScript, draft: FeederDraft, p: Properties): boolean {
  if (!p.flag('enabled', true)) draft.leftOut.add('disabled elements', p.id);
  else if (script.opened.has(p.id)) draft.leftOut.add('opened elements', p.id);
  else return true;
  return false;
}

function lineBranch(
  p: Properties,
  codes: ReadonlyMap<string, Properties>,
  draft: FeederDraft,
  hertz: number,
): DssBranch {
  const from = busOf(p.text('bus1'));
  const to = busOf(p.text('bus2'));
  if (from.bus === '' || to.bus === '')
    throw new CrowdwattError('input/invalid', `${p.object.where}: ${p.id} needs bus1 and bus2`, { id: p.id });
  const codeName = p.text('linecode').toLowerCase();
  const code = codes.get(codeName);
  if (codeName !== '' && code === undefined)
    throw new CrowdwattError(
      'input/invalid',
      `${p.object.where}: ${p.id} uses linecode '${codeName}', which is not defined`,
      { id: p.id },
    );
  if (p.has('geometry') || p.has('spacing')) {
    throw new CrowdwattError(
      'input/invalid',
      `${p.object.where}: ${p.id} is given by conductor geometry; export it with a linecode or r1/x1 first`,
      { id: p.id },
    );
  }
  const own = p.has('r1') || p.has('rmatrix') || p.has('x1') || p.has('xmatrix');
  const source = own || code === undefined ? p : code;
  const phases = p.number('phases', from.phases || (code?.number('nphases', 3) ?? 3));
  const isSwitch = p.flag('switch', false);
  let length = p.number('length', isSwitch && !p.has('length') ? 0.001 : 1);
  if (source === code) length *= unitRatio(p.text('units', 'none'), code.text('units', 'none'));
  const r = sequence(source, 'rmatrix', 'r1', isSwitch ? 1 : 0.058);
  const x = sequence(source, 'xmatrix', 'x1', isSwitch ? 1 : 0.1206);
  const nanofarads = sequence(source, 'cmatrix', 'c1', isSwitch ? 1.1 : 3.4);
  const factor = lateralFactor(phases);
  if (factor !== 1)
    draft.approximations.add(
      'one- and two-phase lines taken as balanced: impedance × 3 and × 1.5, so that a lateral keeps its own drop at its own load',
      p.id,
    );
  else if (source.has('rmatrix'))
    draft.approximations.add('phase impedance matrices taken as mean self minus mean mutual', p.id);
  const amps = p.number('normamps', code?.number('normamps', 0) ?? 0);
  return {
    id: p.id,
    from: from.bus,
    to: to.bus,
    ratio: 1,
    ohms: [r * length * factor, x * length * factor],
    chargingMvarPerKv2: (2 * Math.PI * hertz * nanofarads * 1e-9 * length) / factor,
    phases,
    ...(amps > 0 ? { ampsLimit: amps } : {}),
  };
}

function sequence(p: Properties, matrix: string, scalar: string, otherwise: number): number {
  const means = p.means(matrix);
  return means === undefined ? p.number(scalar, otherwise) : means.self - means.mutual;
}

/** A reactor between two buses is a branch; one to ground is left out. */
function reactorBranch(p: Properties, draft: FeederDraft, branches: DssBranch[]): void {
  const from = busOf(p.text('bus1'));
  const to = busOf(p.text('bus2'));
  if (to.bus === '' || to.bus === from.bus) {
    draft.leftOut.add('reactors to ground', p.id);
    return;
  }
  const phases = p.number('phases', 3);
  const factor = lateralFactor(phases);
  branches.push({
    id: p.id,
    from: from.bus,
    to: to.bus,
    ratio: 1,
    ohms: [p.number('r', 0) * factor, p.number('x', 0) * factor],
    chargingMvarPerKv2: 0,
    phases,
  });
}

interface Winding {
  bus: string;
  kv: number;
  kva: number;
  resistancePercent: number;
  tap: number;
  delta: boolean;
}

function transformerBranches(p: Properties, draft: FeederDraft): DssBranch[] {
  const windings = readWindings(p);
  const phases = p.number('phases', 3);
  const first = windings[0]!;
  const secondaries = windings.slice(1);
  const distinct = new Set(secondaries.map((w) => w.bus));
  if (distinct.size > 1) {
    throw new CrowdwattError(
      'input/invalid',
      `${p.object.where}: ${p.id} has ${windings.length} windings on ${distinct.size + 1} buses; two can be represented`,
      { id: p.id },
    );
  }
  if (secondaries.length > 1) draft.approximations.add('centre-tapped transformers taken as one secondary', p.id);
  const second = secondaries[0];
  if (second === undefined)
    throw new CrowdwattError('input/invalid', `${p.object.where}: ${p.id} has one winding`, { id: p.id });
  if (windings.some((w) => w.tap !== 1)) draft.approximations.add('transformer taps taken as 1', p.id);
  const losses = p.numbers('%loadloss')?.[0] ?? first.resistancePercent + second.resistancePercent;
  if (p.number('%noloadloss', 0) !== 0 || p.number('%imag', 0) !== 0)
    draft.leftOut.add('no-load losses and magnetising currents of transformers', p.id);
  const ratingMva = first.kva / 1000;
  const reactance = p.number('xhl', p.number('x12', 7));
  // Per unit on its own rating, a one-phase unit drops the same share of voltage at the same power: no lateral factor.
  return [
    {
      id: p.id,
      from: first.bus,
      to: second.bus,
      ratio: lineVoltage(second, phases) / lineVoltage(first, phases),
      perUnit: [losses / 100, reactance / 100, ratingMva],
      chargingMvarPerKv2: 0,
      phases,
    },
  ];
}

/** Line-to-line kV of the level a winding sits on. */
function lineVoltage(winding: Winding, phases: number): number {
  return phases === 1 && !winding.delta ? winding.kv * Math.sqrt(3) : winding.kv;
}

function readWindings(p: Properties): Winding[] {
  const count = Math.max(2, p.number('windings', 2));
  const windings: Winding[] = Array.from({ length: count }, () => ({
    bus: '',
    kv: 12.47,
    kva: 1000,
    resistancePercent: 0.2,
    tap: 1,
    delta: false,
  }));
  let active = windings[0]!;
  const list = <T>(values: readonly T[] | undefined, put: (w: Winding, value: T) => void): void => {
    values?.forEach((value, k) => {
      const winding = windings[k];
      if (winding !== undefined) put(winding, value);
    });
  };
  // `wdg=2 bus=…` speaks of one winding at a time, `buses=(…)` of all: the order of the script decides.
  for (const [name, value] of p.object.properties) {
    const one = new Properties({ ...p.object, properties: [[name, value]] });
    if (name === 'wdg') active = windings[one.number('wdg', 1) - 1] ?? active;
    else if (name === 'bus') active.bus = busOf(value).bus;
    else if (name === 'kv') active.kv = one.number('kv', 0);
    else if (name === 'kva') active.kva = one.number('kva', 0);
    else if (name === '%r') active.resistancePercent = one.number('%r', 0);
    else if (name === 'tap') active.tap = one.number('tap', 1);
    else if (name === 'conn') active.delta = /^(d|ll)/i.test(value);
    else if (name === 'buses') list(one.words('buses'), (w, bus) => (w.bus = busOf(bus).bus));
    else if (name === 'kvs') list(one.numbers('kvs'), (w, kv) => (w.kv = kv));
    else if (name === 'kvas') list(one.numbers('kvas'), (w, kva) => (w.kva = kva));
    else if (name === '%rs') list(one.numbers('%rs'), (w, r) => (w.resistancePercent = r));
    else if (name === 'taps') list(one.numbers('taps'), (w, tap) => (w.tap = tap));
    else if (name === 'conns') list(one.words('conns'), (w, conn) => (w.delta = /^(d|ll)/i.test(conn)));
  }
  for (const winding of windings) {
    if (winding.bus === '' || !(winding.kv > 0) || !(winding.kva > 0)) {
      throw new CrowdwattError(
        'input/invalid',
        `${p.object.where}: ${p.id} needs a bus, kV and kVA for each of its ${count} windings`,
        { id: p.id },
      );
    }
  }
  return windings;
}
