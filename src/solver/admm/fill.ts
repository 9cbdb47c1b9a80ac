import type { CompiledCase } from '../../model/compiled.js';
import type { Partition } from '../../pool/partition.js';
import * as abi from '../../wasm/admm-abi.js';
import { type Region, viewF64, viewI32 } from '../../wasm/index.js';
import type { DeviceRow, Entity } from './devices.js';
import type { Layout } from './layout.js';
import type { AdmmSettings } from './settings.js';
import { deviceWeight, expectedFlows, type FeederScale, networkWeights } from './weights.js';

/** What is written once per solve and once more when data change. */
export interface Scene {
  readonly problem: CompiledCase;
  readonly entities: readonly Entity[];
  readonly scale: FeederScale;
  readonly priceScale: number;
  readonly settings: AdmmSettings;
  readonly partition: Partition;
  readonly scratchDoubles: number;
}

/** The weights that the data alone give; `factor` must follow. */
export function fillWeights(layout: Layout, scene: Scene): void {
  fillTree(layout, scene);
  fillDevices(layout, scene);
}

/** Writes everything but the state: the context, the tree, devices, weights, who does what. */
export function fillMemory(layout: Layout, scene: Scene): void {
  fillContext(layout, scene);
  fillWeights(layout, scene);
  fillData(layout, scene);
  fillPartition(layout, scene.partition);
}

function fillContext(layout: Layout, scene: Scene): void {
  const { shape, regions: at, memory, context } = layout;
  const { settings, partition } = scene;
  const words = new Int32Array(memory.buffer, context, abi.DOUBLES / 4);
  const set = (index: number, value: number) => {
    words[index] = value;
  };
  set(abi.BUSES, shape.buses);
  set(abi.PERIODS, shape.periods);
  set(abi.ROWS, shape.rows);
  set(abi.ENTITIES, shape.entities);
  set(abi.PARTIES, partition.parties);
  set(abi.DEPTH, settings.depth);
  set(abi.CHECK_EVERY, settings.checkEvery);
  set(abi.VARIANT, settings.variant === 'bus' ? 1 : 0);
  set(abi.SHARE_ON, scene.problem.minRenewableShare > 0 ? 1 : 0);
  set(abi.CHUNKS, shape.chunks);
  set(abi.TOP_COUNT, partition.top.length);
  set(abi.NETWORK_ROWS, shape.networkRows);
  set(abi.SCRATCH_BYTES, Math.ceil(scene.scratchDoubles / 8) * 64);
  const places: [number, Region][] = [
    [abi.AT_W, at.w],
    [abi.AT_Z, at.z],
    [abi.AT_F, at.f],
    [abi.AT_W_PREV, at.wPrev],
    [abi.AT_F_PREV, at.fPrev],
    [abi.AT_Z_STEP, at.zStep],
    [abi.AT_RING_STEP, at.ringStep],
    [abi.AT_RING_DIFF, at.ringDiff],
    [abi.AT_NODE, at.node],
    [abi.AT_TREE, at.tree],
    [abi.AT_ROW, at.row],
    [abi.AT_ROW_OF_BUS, at.rowOfBus],
    [abi.AT_ENTITY, at.entity],
    [abi.AT_ENTITY_OF_BUS, at.entityOfBus],
    [abi.AT_WEIGHT, at.weight],
    [abi.AT_ROW_SUM, at.rowSum],
    [abi.AT_ENTITY_COST, at.entityCost],
    [abi.AT_LOAD_P, at.loadP],
    [abi.AT_LOAD_Q, at.loadQ],
    [abi.AT_PARENT, at.parent],
    [abi.AT_NU_PREV, at.nuPrev],
    [abi.AT_PARTY_MAX, at.partyMax],
    [abi.AT_PARTIAL, at.partial],
    [abi.AT_SCRATCH, at.scratch],
    [abi.AT_SEGMENT_OF_PARTY, at.segmentOfParty],
    [abi.AT_SEGMENT, at.segments],
    [abi.AT_TOP, at.top],
    [abi.AT_TOP_OF_PARTY, at.topOfParty],
    [abi.AT_TOP_SHARE, at.topShare],
    [abi.AT_SHARE_ROW, at.shareRow],
    [abi.AT_SHARE_STEP, at.shareStep],
    [abi.AT_SHARE_NODE, at.shareNode],
    [abi.AT_PATH, at.path],
    [abi.AT_FLOW, at.flow],
    [abi.AT_FLOW_FIRST, at.flowFirst],
    [abi.AT_TRACE, at.trace],
    [abi.AT_CHILD_PTR, at.childOfBus],
    [abi.AT_CHILD, at.child],
    [abi.AT_ENTITY_WARM, at.entityWarm],
  ];
  for (const [index, region] of places) set(index, region.offset);
  const doubles = new Float64Array(memory.buffer, context + abi.DOUBLES, (abi.CONTROL - abi.DOUBLES) / 8);
  doubles[abi.ALPHA] = settings.alpha;
  doubles[abi.REGULARIZATION] = settings.regularization;
  doubles[abi.GROWTH] = settings.growth;
  doubles[abi.V_ROOT] = scene.problem.vRoot;
  doubles[abi.POWER_SCALE] = scene.problem.peakPu;
  doubles[abi.CONSTANT] = scene.problem.constantCost / scene.priceScale;
  doubles[abi.GAP_FLOOR] = 1 / scene.priceScale;
}

function fillTree(layout: Layout, { problem, scale, settings }: Scene): void {
  const { memory, regions, shape } = layout;
  const tree = viewF64(memory, regions.tree);
  const weight = viewF64(memory, regions.weight);
  const children: number[][] = Array.from({ length: shape.buses }, () => []);
  const perLine = settings.variant === 'bus' ? 8 : 4;
  for (let bus = 0; bus < shape.buses; bus += 1) {
    const o = bus * abi.TREE_SIZE;
    const [r, x] = [problem.r[bus]!, problem.x[bus]!];
    tree[o + abi.TREE_R] = r;
    tree[o + abi.TREE_X] = x;
    tree[o + abi.TREE_Z2] = r * r + x * x;
    tree[o + abi.TREE_V_MIN] = problem.vMin[bus]!;
    tree[o + abi.TREE_V_MAX] = problem.vMax[bus]!;
    tree[o + abi.TREE_LIMIT] = problem.limit[bus]!;
    tree[o + abi.TREE_SHUNT] = problem.shunt[bus]!;
    const [v, ell, flow] = networkWeights(scale, problem, bus);
    const rows = perLine === 4 ? [v, ell, flow, flow] : [v, ell, flow, flow, ell, flow, flow, v];
    weight.set(rows, bus * perLine);
    if (bus > 0) children[problem.parent[bus]!]!.push(bus);
  }
  viewI32(memory, regions.parent).set(problem.parent);
  viewF64(memory, regions.path).set(scale.path);
  viewF64(memory, regions.flow).set(expectedFlows(scale));
  viewF64(memory, regions.flowFirst).set(expectedFlows(scale));
  const pointers = viewI32(memory, regions.childOfBus);
  const list = viewI32(memory, regions.child);
  let at = 0;
  for (const [bus, own] of children.entries()) {
    list.set(own, at);
    at += own.length;
    pointers[bus + 1] = at;
  }
}

function fillDevices(layout: Layout, { entities, scale }: Scene): void {
  const { memory, regions, shape, parameters } = layout;
  const records = viewI32(memory, regions.entity);
  const rows = viewF64(memory, regions.row);
  const weight = viewF64(memory, regions.weight);
  const rowOfBus = viewI32(memory, regions.rowOfBus);
  const entityOfBus = viewI32(memory, regions.entityOfBus);
  rowOfBus.fill(0);
  entityOfBus.fill(0);
  let next = 0;
  for (const [k, entity] of entities.entries()) {
    records.set([entity.kind, next, parameters[k]!, entity.bus], k * abi.ENTITY_WORDS);
    const weights = rowWeights(entity.rows, scale);
    for (const [j, row] of entity.rows.entries()) {
      const o = (next + j) * abi.ROW_SIZE;
      const pair = row.paired ? weights[j + 1]! : 0;
      rows[o + abi.ROW_P] = row.follows ? 0 : row.p;
      rows[o + abi.ROW_Q] = row.follows ? 0 : row.q;
      rows[o + abi.ROW_INV] = 1 / (weights[j]! + pair);
      rows[o + abi.ROW_OTHER] = pair / (weights[j]! + pair);
      rows[o + abi.ROW_FOLLOWS] = row.follows ? 1 : 0;
      weight[shape.networkRows + next + j] = weights[j]!;
    }
    next += entity.rows.length;
    rowOfBus[entity.bus + 1]! += entity.rows.length;
    entityOfBus[entity.bus + 1]! += 1;
  }
  for (let bus = 0; bus < shape.buses; bus += 1) {
    rowOfBus[bus + 1]! += rowOfBus[bus]!;
    entityOfBus[bus + 1]! += entityOfBus[bus]!;
  }
}

/** Rows that one prox moves together must weigh alike, except a generator's p and q, which are apart. */
function rowWeights(rows: readonly DeviceRow[], scale: FeederScale): number[] {
  const own = rows.map((row) => deviceWeight(scale, row));
  const together = rows.length > 1 && rows[0]!.curvature === 0 && rows.every((row) => row.range === rows[0]!.range);
  if (together) return own.map(() => own[0]!);
  if (rows[0]!.paired) return [own[0]!, own[2]!, own[2]!];
  return own;
}

/** What a warm re-solve may change: loads, device data, the share's right-hand side. */
export function fillData(layout: Layout, { problem, entities }: Scene): void {
  const { memory, regions, shape, parameters } = layout;
  viewF64(memory, regions.loadP).set(problem.loadP);
  viewF64(memory, regions.loadQ).set(problem.loadQ);
  const share = viewF64(memory, regions.shareRow).fill(0);
  let next = shape.networkRows;
  for (const [k, entity] of entities.entries()) {
    new Float64Array(memory.buffer, parameters[k]!, entity.parameters.length).set(entity.parameters);
    if (entity.source === 'solar') share[next] = 1;
    if (entity.source === 'shapables') share[next] = -problem.minRenewableShare;
    next += entity.rows.length;
  }
  let total = 0;
  for (const p of problem.loadP) total += p;
  const doubles = new Float64Array(memory.buffer, layout.context + abi.DOUBLES, (abi.CONTROL - abi.DOUBLES) / 8);
  doubles[abi.SHARE_LIMIT] = problem.minRenewableShare * total;
}

function fillPartition(layout: Layout, partition: Partition): void {
  const { memory, regions } = layout;
  viewI32(memory, regions.segmentOfParty).set(partition.segmentOfParty);
  viewI32(memory, regions.segments).set(partition.segments);
  viewI32(memory, regions.top).set(partition.top);
  viewI32(memory, regions.topOfParty).set(partition.topOfParty);
  viewI32(memory, regions.topShare).set(partition.topShare);
}
