import { describe, expect, it } from 'vitest';
import { busTable, stairs } from '../../src/report/bus-charts.js';
import { defaultBus, incentiveSeries, pageData } from '../../src/report/series.js';
import { offersTable, resultsTable, statementsTable } from '../../src/report/tables.js';
import { EVIL, sampleCase, sampleReport, sampleSolution } from './sample.js';

const data = pageData(sampleCase, sampleSolution);

describe('the series of a report', () => {
  it('adds up what happens at a bus, net demand included', () => {
    const bus = data.buses[1]!;
    expect(bus).toMatchObject({ load: [1, 2], solar: [0.4, 1], battery: [-0.3, 0.3], shapable: [0.2, 0] });
    expect(bus.net[0]).toBeCloseTo(1 + 0.2 - 0.4 + 0.3, 12);
    expect(bus.net[1]).toBeCloseTo(2 - 1 - 0.3, 12);
  });

  it('leaves the substation out of the voltage band', () => {
    expect(data.voltageLow).toEqual([0.98, 0.97]);
    expect(data.voltageHigh).toEqual([1.01, 0.99]);
    expect([data.vMin, data.vMax]).toEqual([0.95, 1.05]);
  });

  it("shows the paper's bus, the one that is asked for, or the one with most devices", () => {
    expect(defaultBus(data.buses)).toBe(1);
    expect(defaultBus(data.buses, EVIL)).toBe(2);
    expect(defaultBus(data.buses.map((bus) => ({ ...bus, id: `x${bus.id}` })))).toBe(1);
  });

  it('takes λ^a of first rounds only and leaves a gap where there was no offer', () => {
    expect(incentiveSeries(sampleCase, sampleReport)).toEqual([
      { participant: EVIL, bus: EVIL, perMwh: [5, 6], withEnergy: [36.5, 47] },
    ]);
    const one = { ...sampleReport, offers: sampleReport.offers.slice(0, 1) };
    expect(incentiveSeries(sampleCase, one)[0]?.perMwh).toEqual([5, null]);
  });

  it('draws a period as a step', () => {
    expect(stairs([7, 8], 0.5)).toEqual([
      [0, 7],
      [0.5, 7],
      [0.5, 8],
      [1, 8],
    ]);
    expect(busTable(data, 1)[1]).toEqual(['0.5', '2.0000', '1.0000', '0.3000', '0.0000', '0.7000', '0.9700', '42.00']);
  });
});

describe('the tables of a report', () => {
  it('counts energy in MWh, not in MW', () => {
    const rows = new Map(resultsTable(sampleCase, sampleSolution).rows.map(([what, value]) => [what, value]));
    expect(rows.get('Uncontrollable load')).toBe('1.500 MWh');
    expect(rows.get('Lost in lines')).toBe('0.020 MWh');
    expect(rows.get('Cost of the schedule')).toBe('1,234.50 $');
    expect(rows.get('Highest price')).toBe('42.00 $/MWh (bus 5, hour 0.5)');
    expect(rows.get('Lowest voltage')).toBe('0.9700 pu (bus 5, hour 0.5)');
  });

  it('says what refusals cost', () => {
    const table = offersTable(sampleReport, 0.5);
    expect(table.rows).toEqual([
      ['1', '2', '1', '1', '0.200', '1.00 $'],
      ['2', '1', '0', '1', '0.000', '0.00 $'],
    ]);
    expect(table.note).toContain('1 order, 4.25 $');
    expect(table.note).toContain('0.125 MWh');
    expect(table.note).toContain('Shortfall: 0.250 MWh');
  });

  it('adds up the statements', () => {
    const table = statementsTable(sampleReport)!;
    expect(table.rows.map((row) => row.at(-1))).toEqual(['1.50 $', '−1.50 $']);
    expect(table.note).toContain('0.000000 $');
  });
});
