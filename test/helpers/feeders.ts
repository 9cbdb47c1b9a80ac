import { existsSync, readFileSync } from 'node:fs';
import type { Case } from '../../src/model/case.js';

/** Folder of the shared feeders and cases; absent in a lone clone, where tests that need it skip aloud. */
export const SHARED = '../shared';

/** True where the shared file is there; says on one line what was not proven where it is not. */
export function haveShared(path: string, whatIsNotProven: string): boolean {
  const there = existsSync(`${SHARED}/${path}`);
  if (!there) console.warn(`SKIPPED: ${SHARED}/${path} is not there; not proven: ${whatIsNotProven}`);
  return there;
}

export function sharedJson<T>(path: string): T {
  return JSON.parse(readFileSync(`${SHARED}/${path}`, 'utf8')) as T;
}

function csv(path: string): Record<string, string>[] {
  const [head, ...rows] = readFileSync(path, 'utf8').trim().split(/\r?\n/);
  const names = head!.split(',');
  return rows.map((row) => Object.fromEntries(row.split(',').map((cell, k) => [names[k]!, cell])));
}

/** A feeder folder (lines.csv, buses.csv, feeder.json) at its peak load, one period, no devices. */
export function peakCase(feeder: string, options: { shunts?: boolean; loadScale?: number } = {}): Case {
  const folder = `${SHARED}/feeders/${feeder}`;
  const about = JSON.parse(readFileSync(`${folder}/feeder.json`, 'utf8')) as { base_kv: number; root: string | number };
  const lines = csv(`${folder}/lines.csv`);
  const data = new Map(csv(`${folder}/buses.csv`).map((row) => [row.bus!, row]));
  const ids = [...new Set(lines.flatMap((line) => [line.from!, line.to!]))];
  const value = (bus: string, column: string) => Number(data.get(bus)?.[column] ?? 0) || 0;
  const scale = options.loadScale ?? 1;
  return {
    format: 'crowdwatt-case/1',
    name: `${feeder} at peak`,
    baseMva: 1,
    baseKv: about.base_kv,
    root: String(about.root),
    periods: 1,
    hoursPerPeriod: 1,
    buses: ids.map((id) => ({
      id,
      vMinPu: 0.9,
      vMaxPu: 1.1,
      ...(options.shunts && { shuntMvar: value(id, 'shunt_mvar') }),
    })),
    lines: lines.map((line) => ({
      id: `${line.from}-${line.to}`,
      from: line.from!,
      to: line.to!,
      rOhm: Number(line.r_ohm),
      xOhm: Number(line.x_ohm),
    })),
    loads: ids
      .filter((id) => value(id, 'p_peak_mw') !== 0 || value(id, 'q_peak_mvar') !== 0)
      .map((id) => ({
        id: `load-${id}`,
        bus: id,
        pMw: [scale * value(id, 'p_peak_mw')],
        qMvar: [scale * value(id, 'q_peak_mvar')],
      })),
    solar: [],
    batteries: [],
    shapables: [],
    generators: [
      {
        id: 'substation',
        bus: String(about.root),
        pMinMw: -1e4,
        pMaxMw: 1e4,
        qMinMvar: -1e4,
        qMaxMvar: 1e4,
        costQuadratic: 0,
        costLinear: [30],
        costConstant: 0,
      },
    ],
    crowdsourcees: [],
  };
}
