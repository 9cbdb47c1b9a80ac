// x-block: every bus and every device on its own. Input u = 2z − w, output f = x − z, in the rows of F.
import {
  TREE_SIZE, TREE_CONE_V, TREE_W_ELL, TREE_W_FLOW, TREE_V_MIN, TREE_V_MAX, TREE_LIMIT,
  ENTITY_WORDS, KIND_GENERATOR, KIND_SOLAR, KIND_SOLAR_INVERTER, KIND_BATTERY, KIND_BATTERY_INVERTER, KIND_SHAPABLE,
  PERIODS, NETWORK_ROWS, VARIANT, AT_W, AT_Z, AT_F, AT_TREE, AT_ENTITY, AT_ENTITY_OF_BUS, AT_WEIGHT, AT_ROW_SUM,
  AT_ENTITY_COST, AT_SCRATCH, DEPTH, SCRATCH_BYTES, AT_ENTITY_WARM,
} from '../abi';
import { word, rowBytes } from './context';
import { projectRows } from '../cone/project';
import { proxGenerator } from '../device/generator';
import { proxShapable } from '../device/shapable';
import { proxBattery } from '../device/battery';
import { proxSolar, proxSolarInverter, proxDisc, proxShed } from '../device/inverter';
import { consensusBus } from './bus';
import { accelerationScratch } from './accelerate';
import { add, sub, mul, splat } from '../lanes';

/** f = 2z − w on `rows` rows from `first`. */
function reflect(ctx: usize, first: usize, rows: usize): void {
  const bytes = rowBytes(ctx);
  const from = first * bytes;
  const w = word(ctx, AT_W) + from;
  const z = word(ctx, AT_Z) + from;
  const f = word(ctx, AT_F) + from;
  const end = rows * bytes;
  let o: usize = 0;
  if (ASC_FEATURE_SIMD) {
    const two = splat<v128>(2);
    for (; o + 8 < end; o += 16) {
      store<v128>(f + o, sub<v128>(mul<v128>(two, load<v128>(z + o)), load<v128>(w + o)));
    }
  }
  for (; o < end; o += 8) store<f64>(f + o, 2 * load<f64>(z + o) - load<f64>(w + o));
}

/** f −= z on `rows` rows; each row's Σ f² goes to the row sums (even and odd periods apart). */
function subtract(ctx: usize, first: usize, rows: usize): void {
  const bytes = rowBytes(ctx);
  for (let row = first; row < first + rows; ++row) {
    const z = word(ctx, AT_Z) + row * bytes;
    const f = word(ctx, AT_F) + row * bytes;
    store<f64>(word(ctx, AT_ROW_SUM) + (row << 3), subtractRow(f, z, <i32>word(ctx, PERIODS)));
  }
}

// @ts-ignore: decorator
@inline
function subtractRow(f: usize, z: usize, count: i32): f64 {
  let t = 0;
  let even: f64 = 0;
  let odd: f64 = 0;
  if (ASC_FEATURE_SIMD) {
    let sums = splat<v128>(0);
    for (; t + 1 < count; t += 2) {
      const o = <usize>t << 3;
      const d = sub<v128>(load<v128>(f + o), load<v128>(z + o));
      store<v128>(f + o, d);
      sums = add<v128>(sums, mul<v128>(d, d));
    }
    even = f64x2.extract_lane(sums, 0);
    odd = f64x2.extract_lane(sums, 1);
  }
  for (; t < count; ++t) {
    const o = <usize>t << 3;
    const d = load<f64>(f + o) - load<f64>(z + o);
    store<f64>(f + o, d);
    if (t & 1) odd += d * d;
    else even += d * d;
  }
  return even + odd;
}

/** Row sums of rows that are already differences. */
export function sumRow(ctx: usize, row: usize): void {
  const bytes = rowBytes(ctx);
  const f = word(ctx, AT_F) + row * bytes;
  let even: f64 = 0;
  let odd: f64 = 0;
  for (let t = 0; t < <i32>word(ctx, PERIODS); ++t) {
    const d = load<f64>(f + (<usize>t << 3));
    if (t & 1) odd += d * d;
    else even += d * d;
  }
  store<f64>(word(ctx, AT_ROW_SUM) + (row << 3), even + odd);
}

/** The line and bus part of bus `bus`, then its devices. */
export function blockX(ctx: usize, party: i32, bus: i32): void {
  const bytes = rowBytes(ctx);
  if (word(ctx, VARIANT) != 0) {
    consensusBus(ctx, bus);
  } else {
    const first = <usize>bus * 4;
    if (bus == 0) {
      // the root's voltage is data and it has no line: x = z
      memory.fill(word(ctx, AT_F), 0, 4 * bytes);
      for (let row: usize = 0; row < 4; ++row) store<f64>(word(ctx, AT_ROW_SUM) + (row << 3), 0);
    } else {
      reflect(ctx, first, 4);
      projectBus(ctx, bus, word(ctx, AT_F) + first * bytes, bytes);
      subtract(ctx, first, 4);
    }
  }
  const index = word(ctx, AT_ENTITY_OF_BUS) + (<usize>bus << 2);
  for (let entity = load<i32>(index); entity < load<i32>(index + 4); ++entity) proxEntity(ctx, party, entity);
}

/** Cone projection with the weights of a bus. */
export function projectBus(ctx: usize, bus: i32, at: usize, stride: usize): void {
  const record = word(ctx, AT_TREE) + <usize>bus * (TREE_SIZE * 8);
  projectRows(
    at, stride, <i32>word(ctx, PERIODS),
    load<f64>(record + TREE_CONE_V * 8), load<f64>(record + TREE_W_ELL * 8), load<f64>(record + TREE_W_FLOW * 8),
    load<f64>(record + TREE_V_MIN * 8), load<f64>(record + TREE_V_MAX * 8), load<f64>(record + TREE_LIMIT * 8),
  );
}

// @ts-ignore: decorator
@inline
function rowsOf(kind: i32): usize {
  if (kind == KIND_BATTERY_INVERTER) return 3;
  return kind == KIND_SOLAR || kind == KIND_BATTERY || kind == KIND_SHAPABLE ? 1 : 2;
}

export function proxEntity(ctx: usize, party: i32, entity: i32): void {
  const record = word(ctx, AT_ENTITY) + <usize>entity * (ENTITY_WORDS * 4);
  const row = <usize>load<i32>(record + 4) + word(ctx, NETWORK_ROWS);
  const rows = rowsOf(load<i32>(record));
  reflect(ctx, row, rows);
  const cost = proxRows(ctx, party, entity, word(ctx, AT_F) + row * rowBytes(ctx), 0, 0, 0);
  store<f64>(word(ctx, AT_ENTITY_COST) + (<usize>entity << 3), cost);
  subtract(ctx, row, rows);
}

/** Prox of one device on its rows at `at`, in place. Returns its cost there. */
export function proxRows(
  ctx: usize, party: i32, entity: i32, at: usize, charge: usize, discharge: usize, worth: usize,
): f64 {
  const bytes = rowBytes(ctx);
  const periods = <i32>word(ctx, PERIODS);
  const record = word(ctx, AT_ENTITY) + <usize>entity * (ENTITY_WORDS * 4);
  const kind = load<i32>(record);
  const weight = load<f64>(word(ctx, AT_WEIGHT) + ((<usize>load<i32>(record + 4) + word(ctx, NETWORK_ROWS)) << 3));
  const parameters = <usize>load<i32>(record + 8);
  // the acceleration keeps its Gram matrix at the start of the party's scratch
  const kept = <usize>accelerationScratch(<i32>word(ctx, DEPTH)) << 3;
  const scratch = word(ctx, AT_SCRATCH) + <usize>party * word(ctx, SCRATCH_BYTES) + kept;
  const p0 = load<f64>(parameters);
  const p1 = load<f64>(parameters + 8);
  if (kind == KIND_BATTERY || kind == KIND_BATTERY_INVERTER) {
    const cost = proxBattery(at, periods, weight, parameters, scratch, charge, discharge, worth);
    if (kind == KIND_BATTERY_INVERTER) proxDisc(at + bytes, at + 2 * bytes, periods, load<f64>(parameters + 56));
    return cost;
  }
  if (kind == KIND_SOLAR) {
    proxSolar(at, periods, parameters + 16, p0 > 0);
    return 0;
  }
  if (kind == KIND_SHAPABLE) {
    return proxShapable(
      at, periods, weight, p0, parameters + 40, p1, load<f64>(parameters + 16),
      <i32>load<f64>(parameters + 24), <i32>load<f64>(parameters + 32), word(ctx, AT_ENTITY_WARM) + (<usize>entity << 3),
    );
  }
  if (kind == KIND_GENERATOR) {
    const cost = proxGenerator(
      at, periods, weight, load<f64>(parameters + 32), parameters + 48, p0, p1, load<f64>(parameters + 40), scratch,
    );
    const low = load<f64>(parameters + 16);
    const high = load<f64>(parameters + 24);
    for (let o = at + bytes; o < at + 2 * bytes; o += 8) {
      const q = load<f64>(o);
      store<f64>(o, q < low ? low : q > high ? high : q);
    }
    return cost;
  }
  if (kind == KIND_SOLAR_INVERTER) {
    proxSolarInverter(at, at + bytes, periods, parameters + 16, p0 > 0, p1);
    return 0;
  }
  return proxShed(at, at + bytes, periods, weight, parameters + 8, parameters + 8 + bytes, p0);
}

/** Cost of a device at a point that need not meet its limits: its own formula, |p| for a battery's throughput. */
export function costAt(ctx: usize, entity: i32, at: usize): f64 {
  const record = word(ctx, AT_ENTITY) + <usize>entity * (ENTITY_WORDS * 4);
  const kind = load<i32>(record);
  const parameters = <usize>load<i32>(record + 8);
  const bytes = rowBytes(ctx);
  let sum: f64 = 0;
  if (kind == KIND_GENERATOR) {
    const a = load<f64>(parameters + 32);
    for (let o: usize = 0; o < bytes; o += 8) {
      const p = load<f64>(at + o);
      sum += (a * p + load<f64>(parameters + 48 + o)) * p;
    }
  } else if (kind == KIND_BATTERY || kind == KIND_BATTERY_INVERTER) {
    for (let o: usize = 0; o < bytes; o += 8) sum += abs<f64>(load<f64>(at + o));
    sum *= load<f64>(parameters + 48);
  } else if (kind == KIND_SHAPABLE) {
    for (let o: usize = 0; o < bytes; o += 8) {
      const away = load<f64>(at + o) - load<f64>(parameters + 40 + o);
      sum += away * away;
    }
    sum *= load<f64>(parameters);
  } else if (kind != KIND_SOLAR && kind != KIND_SOLAR_INVERTER) {
    for (let o: usize = 0; o < bytes; o += 8) sum += load<f64>(at + o);
    sum *= load<f64>(parameters);
  }
  return sum;
}
