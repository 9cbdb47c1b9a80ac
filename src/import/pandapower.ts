import { CrowdwattError } from '../errors.js';
import type { Case } from '../model/case.js';
import { FeederDraft } from './draft.js';
import type { Imported } from './notes.js';
import { active, num, PandapowerNet, type Row } from './pandapower-tables.js';

interface Context {
  readonly net: PandapowerNet;
  readonly draft: FeederDraft;
  readonly kv: ReadonlyMap<number, number>;
  readonly baseMva: number;
  readonly hertz: number;
  /** Keys `l:3`, `t:0` of branches that an open switch cuts. */
  readonly cut: ReadonlySet<string>;
}

const TABLES_LEFT_OUT = [
  'trafo3w',
  'xward',
  'ward',
  'dcline',
  'motor',
  'asymmetric_load',
  'asymmetric_sgen',
  'svc',
  'tcsc',
  'ssc',
];

/**
 * pandapower network (JSON of `pandapower.to_json`) → one-period case. Formulae for lines and
 * two-winding transformers follow pandapower's documentation of its electric models; ideal ratios
 * vanish in per unit.
 */
export function importPandapower(text: string): Imported<Case> {
  const net = new PandapowerNet(text);
  const baseMva = net.scalar('sn_mva', 1);
  const draft = new FeederDraft(net.name, baseMva, 1, 1);
  const supply = net.rows('ext_grid').filter(active);
  const slack = net.rows('gen').filter((g) => active(g) && g.cells.slack === true);
  if (supply.length + slack.length !== 1) {
    throw new CrowdwattError(
      'input/invalid',
      `${supply.length + slack.length} external grids or slack generators in service: a feeder has exactly one substation`,
    );
  }
  const root = (supply[0] ?? slack[0])!;
  const kv = new Map<number, number>();
  for (const bus of net.rows('bus')) {
    if (!active(bus)) {
      draft.leftOut.add('buses out of service', String(bus.index));
      continue;
    }
    kv.set(bus.index, num(bus, 'vn_kv'));
    draft.bus(String(bus.index), num(bus, 'min_vm_pu', 0.9), num(bus, 'max_vm_pu', 1.1));
  }
  const context: Context = {
    net,
    draft,
    kv,
    baseMva,
    hertz: net.scalar('f_hz', 50),
    cut: readSwitches(net, draft, kv),
  };
  readLines(context);
  readTransformers(context);
  readImpedances(context);
  readShunts(context);
  const peak = readInjections(context);
  readDispatchables(context, root, peak);
  for (const table of TABLES_LEFT_OUT) {
    for (const row of net.rows(table)) draft.leftOut.add(`${table} elements`, String(row.index));
  }
  const rootBus = num(root, 'bus');
  return draft.finish(String(rootBus), kv.get(rootBus) ?? 1, num(root, 'vm_pu', 1));
}

function readSwitches(net: PandapowerNet, draft: FeederDraft, kv: ReadonlyMap<number, number>): Set<string> {
  const cut = new Set<string>();
  for (const item of net.rows('switch')) {
    const kind = String(item.cells.et);
    const element = num(item, 'element');
    const closed = item.cells.closed !== false;
    if (kind === 'b') {
      const ends = [num(item, 'bus'), element] as const;
      if (!closed) draft.leftOut.add('open bus-bus switches', String(item.index));
      else if (kv.has(ends[0]) && kv.has(ends[1])) {
        if (num(item, 'z_ohm', 0) > 0) draft.approximations.add('switch resistances taken as zero', String(item.index));
        draft.branch(`switch-${item.index}`, String(ends[0]), String(ends[1]), 0, 0);
      }
    } else if (!closed) {
      cut.add(`${kind}:${element}`);
    }
  }
  return cut;
}

/** True where the branch takes part; says why where it does not. */
function takesPart(context: Context, row: Row, kind: 'l' | 't', ends: readonly number[], what: string): boolean {
  const id = String(row.index);
  if (!active(row)) context.draft.leftOut.add(`${what}s out of service`, id);
  else if (context.cut.has(`${kind}:${row.index}`))
    context.draft.leftOut.add(`${what}s with an open switch at an end`, id);
  else if (ends.some((end) => !context.kv.has(end))) context.draft.leftOut.add(`${what}s at buses out of service`, id);
  else return true;
  return false;
}

function readLines({ net, draft, kv, baseMva, hertz, ...rest }: Context): void {
  for (const line of net.rows('line')) {
    const from = num(line, 'from_bus');
    const to = num(line, 'to_bus');
    if (!takesPart({ net, draft, kv, baseMva, hertz, ...rest }, line, 'l', [from, to], 'line')) continue;
    const volts = kv.get(from)!;
    const length = num(line, 'length_km');
    const parallel = num(line, 'parallel', 1);
    const puPerOhm = baseMva / volts ** 2;
    const scale = (length * puPerOhm) / parallel;
    const id = `line-${line.index}`;
    const mostKa = num(line, 'max_i_ka', 0) * num(line, 'df', 1) * parallel;
    draft.branch(
      id,
      String(from),
      String(to),
      num(line, 'r_ohm_per_km') * scale,
      num(line, 'x_ohm_per_km') * scale,
      mostKa > 0 ? Math.sqrt(3) * volts * mostKa : undefined,
    );
    if (mostKa > 0) draft.approximations.add('current ratings of lines taken as MVA limits at nominal voltage', id);
    const charging = 2 * Math.PI * hertz * num(line, 'c_nf_per_km', 0) * 1e-9 * length * parallel * volts ** 2;
    if (charging !== 0) {
      draft.approximations.add('line charging moved half to the shunt of each end', id);
      draft.shunt(String(from), charging / 2);
      draft.shunt(String(to), charging / 2);
    }
    if (num(line, 'g_us_per_km', 0) !== 0) draft.leftOut.add('conductance of lines', id);
  }
}

function readTransformers(context: Context): void {
  const { net, draft, kv, baseMva } = context;
  for (const trafo of net.rows('trafo')) {
    const high = num(trafo, 'hv_bus');
    const low = num(trafo, 'lv_bus');
    if (!takesPart(context, trafo, 't', [high, low], 'transformer')) continue;
    const id = `trafo-${trafo.index}`;
    const rating = num(trafo, 'sn_mva');
    const parallel = num(trafo, 'parallel', 1);
    // Short-circuit impedance is given on the transformer's own rating and low-voltage level.
    const level = (num(trafo, 'vn_lv_kv') / kv.get(low)!) ** 2;
    const z = ((num(trafo, 'vk_percent') / 100) * (baseMva / rating) * level) / parallel;
    const r = ((num(trafo, 'vkr_percent') / 100) * (baseMva / rating) * level) / parallel;
    draft.branch(
      id,
      String(high),
      String(low),
      r,
      Math.sqrt(Math.max(z * z - r * r, 0)),
      rating * parallel * num(trafo, 'df', 1),
    );
    const offNominal = (num(trafo, 'vn_hv_kv') / kv.get(high)!) * (kv.get(low)! / num(trafo, 'vn_lv_kv'));
    const steps = num(trafo, 'tap_pos', 0) - num(trafo, 'tap_neutral', 0);
    if (Math.abs(offNominal - 1) > 1e-9 || (steps !== 0 && num(trafo, 'tap_step_percent', 0) !== 0)) {
      draft.approximations.add('off-nominal ratios and taps of transformers taken as 1', id);
    }
    if (num(trafo, 'pfe_kw', 0) !== 0 || num(trafo, 'i0_percent', 0) !== 0)
      draft.leftOut.add('no-load losses and magnetising currents of transformers', id);
  }
}

function readImpedances({ net, draft, baseMva, kv }: Context): void {
  for (const item of net.rows('impedance').filter(active)) {
    const from = num(item, 'from_bus');
    const to = num(item, 'to_bus');
    if (!kv.has(from) || !kv.has(to)) continue;
    const scale = baseMva / num(item, 'sn_mva');
    if (num(item, 'rft_pu') !== num(item, 'rtf_pu', num(item, 'rft_pu')))
      draft.approximations.add('unequal directions of an impedance: from→to used for both', String(item.index));
    draft.branch(
      `impedance-${item.index}`,
      String(from),
      String(to),
      num(item, 'rft_pu') * scale,
      num(item, 'xft_pu') * scale,
    );
  }
}

function readShunts({ net, draft, kv }: Context): void {
  for (const shunt of net.rows('shunt').filter(active)) {
    const bus = num(shunt, 'bus');
    if (!kv.has(bus)) continue;
    const level = (kv.get(bus)! / num(shunt, 'vn_kv', kv.get(bus)!)) ** 2 * num(shunt, 'step', 1);
    // pandapower counts shunts as consumers; the model counts capacitors as positive.
    draft.shunt(String(bus), -num(shunt, 'q_mvar') * level);
    const real = num(shunt, 'p_mw', 0) * level;
    if (real === 0) continue;
    draft.approximations.add('real part of shunts taken as constant load', String(shunt.index));
    draft.load(`shunt-${shunt.index}`, String(bus), [real], [0]);
  }
}

/** Loads and static generators; gives back the sum of apparent loads, MVA. */
function readInjections({ net, draft, kv }: Context): number {
  let peak = 0;
  for (const load of net.rows('load').filter(active)) {
    const bus = num(load, 'bus');
    if (!kv.has(bus)) continue;
    const scale = num(load, 'scaling', 1);
    const p = num(load, 'p_mw') * scale;
    const q = num(load, 'q_mvar', 0) * scale;
    if (
      [
        'const_z_percent',
        'const_i_percent',
        'const_z_p_percent',
        'const_i_p_percent',
        'const_z_q_percent',
        'const_i_q_percent',
      ].some((c) => num(load, c, 0) !== 0)
    ) {
      draft.approximations.add('voltage-dependent loads taken as constant power', `load-${load.index}`);
    }
    draft.load(`load-${load.index}`, String(bus), [p], [q]);
    peak += Math.hypot(p, q);
  }
  for (const sgen of net.rows('sgen').filter(active)) {
    const bus = num(sgen, 'bus');
    if (!kv.has(bus)) continue;
    const scale = num(sgen, 'scaling', 1);
    const p = num(sgen, 'p_mw') * scale;
    const q = num(sgen, 'q_mvar', 0) * scale;
    const id = `sgen-${sgen.index}`;
    if (p < 0) draft.load(id, String(bus), [-p], [-q]);
    else {
      draft.plant(id, String(bus), [p]);
      draft.approximations.add('static generators taken as curtailable solar plants at their present power', id);
      if (q !== 0) draft.load(`${id}-q`, String(bus), [0], [-q]);
    }
  }
  return peak;
}

function readDispatchables(context: Context, root: Row, peak: number): void {
  const { net, draft, kv } = context;
  const rootBus = num(root, 'bus');
  const most = 3 * Math.max(peak, 1e-3);
  draft.generator({
    id: 'substation',
    bus: String(rootBus),
    pMinMw: num(root, 'min_p_mw', -most),
    pMaxMw: num(root, 'max_p_mw', most),
    qMinMvar: num(root, 'min_q_mvar', -most),
    qMaxMvar: num(root, 'max_q_mvar', most),
    ...costs(context, 'ext_grid', root.index, 'substation'),
  });
  if (root.cells.max_p_mw == null)
    draft.approximations.add('no limits of the external grid in the file: three times the peak load both ways');
  for (const gen of net.rows('gen').filter((g) => active(g) && g !== root && g.cells.slack !== true)) {
    const bus = num(gen, 'bus');
    if (!kv.has(bus)) continue;
    const id = `gen-${gen.index}`;
    const p = num(gen, 'p_mw', 0);
    draft.leftOut.add('voltage setpoints of generators below the root', id);
    draft.generator({
      id,
      bus: String(bus),
      pMinMw: num(gen, 'min_p_mw', Math.min(p, 0)),
      pMaxMw: num(gen, 'max_p_mw', p),
      qMinMvar: num(gen, 'min_q_mvar', 0),
      qMaxMvar: num(gen, 'max_q_mvar', 0),
      ...costs(context, 'gen', gen.index, id),
    });
  }
  for (const store of net.rows('storage').filter(active)) {
    const bus = num(store, 'bus');
    if (!kv.has(bus)) continue;
    const id = `storage-${store.index}`;
    const energy = num(store, 'max_e_mwh', 0);
    const initial = energy * (num(store, 'soc_percent', 50) / 100);
    const power = Math.max(Math.abs(num(store, 'p_mw', 0)), num(store, 'sn_mva', 0));
    draft.approximations.add('storage: efficiency 0.95 each way, final energy = initial, power = rating', id);
    draft.battery({
      id,
      bus: String(bus),
      powerMw: power,
      energyMwh: energy,
      initialMwh: initial,
      finalMwh: initial,
      chargeEfficiency: 0.95,
      dischargeEfficiency: 0.95,
      throughputCost: 0,
    });
  }
}

function costs(
  { net, draft }: Context,
  kind: string,
  element: number,
  id: string,
): { costQuadratic: number; costLinear: number[]; costConstant: number } {
  const row = net.rows('poly_cost').find((c) => c.cells.et === kind && num(c, 'element') === element);
  if (row === undefined) {
    draft.approximations.add('no cost in the file: 30 $/MWh', id);
    return { costQuadratic: 0, costLinear: [30], costConstant: 0 };
  }
  return {
    costQuadratic: num(row, 'cp2_eur_per_mw2', 0),
    costLinear: [num(row, 'cp1_eur_per_mw', 0)],
    costConstant: num(row, 'cp0_eur', 0),
  };
}
