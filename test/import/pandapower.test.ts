import { describe, expect, it } from 'vitest';
import { importPandapower } from '../../src/import/pandapower.js';

const frame = (columns: string[], ...data: unknown[][]) => ({
  _module: 'pandas.core.frame',
  _class: 'DataFrame',
  _object: JSON.stringify({ columns, index: data.map((_, k) => k), data }),
  orient: 'split',
});

function network(changes: Record<string, unknown> = {}): string {
  return JSON.stringify({
    _module: 'pandapower.auxiliary',
    _class: 'pandapowerNet',
    _object: {
      name: 'small',
      sn_mva: 1,
      f_hz: 50,
      bus: frame(
        ['name', 'vn_kv', 'in_service', 'min_vm_pu', 'max_vm_pu'],
        ['a', 110, true, 0.9, 1.1],
        ['b', 20, true, 0.95, 1.05],
        ['c', 20, true, null, null],
        ['d', 20, true, null, null],
      ),
      ext_grid: frame(['name', 'bus', 'vm_pu', 'in_service'], [null, 0, 1.02, true]),
      trafo: frame(
        [
          'hv_bus',
          'lv_bus',
          'sn_mva',
          'vn_hv_kv',
          'vn_lv_kv',
          'vk_percent',
          'vkr_percent',
          'tap_pos',
          'tap_neutral',
          'tap_step_percent',
          'in_service',
        ],
        [0, 1, 25, 110, 20, 12, 0.5, 0, 0, 1.5, true],
      ),
      line: frame(
        [
          'from_bus',
          'to_bus',
          'length_km',
          'r_ohm_per_km',
          'x_ohm_per_km',
          'c_nf_per_km',
          'max_i_ka',
          'parallel',
          'in_service',
        ],
        [1, 2, 2, 0.5, 0.7, 100, 0.2, 1, true],
        [2, 3, 1, 0.5, 0.7, 0, null, 1, true],
      ),
      switch: frame(['bus', 'element', 'et', 'closed'], [2, 3, 'b', true], [2, 1, 'l', false]),
      load: frame(['bus', 'p_mw', 'q_mvar', 'scaling', 'in_service'], [2, 2, 1, 0.5, true]),
      sgen: frame(['bus', 'p_mw', 'q_mvar', 'scaling', 'in_service'], [3, 0.4, 0, 1, true]),
      shunt: frame(['bus', 'q_mvar', 'p_mw', 'vn_kv', 'step', 'in_service'], [2, -0.6, 0, 20, 1, true]),
      storage: frame(
        ['bus', 'p_mw', 'q_mvar', 'sn_mva', 'soc_percent', 'max_e_mwh', 'scaling', 'in_service'],
        [2, 0, 0, 0.1, 25, 0.4, 1, true],
      ),
      poly_cost: frame(['element', 'et', 'cp0_eur', 'cp1_eur_per_mw', 'cp2_eur_per_mw2'], [0, 'ext_grid', 0, 42, 1]),
      ...changes,
    },
  });
}

describe('pandapower import', () => {
  it('turns tables into the same physical feeder at the root voltage', () => {
    const { case: got, approximations, leftOut } = importPandapower(network());
    expect(got).toMatchObject({ root: '0', baseKv: 110, rootVoltagePu: 1.02 });
    const line = got.lines.find((l) => l.id === 'line-0')!;
    expect(line.rOhm).toBeCloseTo((1 * 110 ** 2) / 400, 9);
    expect(line.limitMva).toBeCloseTo(Math.sqrt(3) * 20 * 0.2, 9);
    const trafo = got.lines.find((l) => l.id === 'trafo-0')!;
    expect(Math.hypot(trafo.rOhm, trafo.xOhm)).toBeCloseTo((0.12 / 25) * 110 ** 2, 9);
    expect(got.lines.find((l) => l.id === 'switch-0')).toMatchObject({ rOhm: 0, xOhm: 0 });
    expect(leftOut.join()).toContain('lines with an open switch at an end (1: 1)');
    expect(got.loads[0]).toMatchObject({ pMw: [1], qMvar: [0.5] });
    const charging = 2 * Math.PI * 50 * 100e-9 * 2 * 400;
    expect(got.buses.find((b) => b.id === '2')!.shuntMvar).toBeCloseTo(0.6 + charging / 2, 9);
    expect(got.solar[0]!.forecastMw).toEqual([0.4]);
    expect(got.batteries[0]).toMatchObject({ powerMw: 0.1, energyMwh: 0.4, initialMwh: 0.1 });
    expect(got.generators[0]).toMatchObject({ costLinear: [42], costQuadratic: 1 });
    expect(got.buses[1]).toMatchObject({ vMinPu: 0.95, vMaxPu: 1.05 });
    expect(approximations.join()).toContain('static generators');
  });

  it.each([
    ['text that is not JSON', 'x', /not JSON/],
    ['another JSON', '{}', /not a pandapower network/],
    [
      'two external grids',
      network({ ext_grid: frame(['bus', 'vm_pu', 'in_service'], [0, 1, true], [1, 1, true]) }),
      /2 external grids/,
    ],
    [
      'a missing number',
      network({ load: frame(['bus', 'p_mw', 'in_service'], [2, null, true]) }),
      /'p_mw' of row 0 is null/,
    ],
  ])('refuses %s with the reason', (_, text, message) => {
    expect(() => importPandapower(text)).toThrow(message);
  });
});
