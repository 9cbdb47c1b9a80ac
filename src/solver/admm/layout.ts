import type { CompiledCase } from '../../model/compiled.js';
import type { Partition } from '../../pool/partition.js';
import * as abi from '../../wasm/admm-abi.js';
import { MemoryPlan, type Region } from '../../wasm/index.js';
import type { Entity } from './devices.js';
import type { AdmmSettings } from './settings.js';

/** Rows of a block of the kernels' sums; CHUNK of assembly/admm/accelerate.ts. */
const CHUNK_ROWS = 32;
const PARTY_MAX_DOUBLES = 32;

/** Sizes of one problem in kernel terms. */
export interface Shape {
  readonly buses: number;
  readonly periods: number;
  readonly networkRows: number;
  readonly deviceRows: number;
  readonly rows: number;
  readonly entities: number;
  readonly chunks: number;
}

export function shapeOf(problem: CompiledCase, entities: readonly Entity[], settings: AdmmSettings): Shape {
  const networkRows = problem.busCount * (settings.variant === 'bus' ? 8 : 4);
  const deviceRows = entities.reduce((sum, entity) => sum + entity.rows.length, 0);
  const rows = networkRows + deviceRows;
  return {
    buses: problem.busCount,
    periods: problem.periods,
    networkRows,
    deviceRows,
    rows,
    entities: entities.length,
    chunks: Math.ceil(rows / CHUNK_ROWS),
  };
}

/** Where everything lies. Names follow assembly/abi.ts. */
export interface Layout {
  readonly shape: Shape;
  readonly memory: WebAssembly.Memory;
  readonly bytes: number;
  /** Context address. */
  readonly context: number;
  readonly regions: Regions;
  /** Offset of each device's parameters, bytes. */
  readonly parameters: Int32Array;
}

export type Regions = ReturnType<typeof planRegions>['regions'];

/**
 * Plans and makes the memory of one solve: state vectors of R × T doubles (w, z, f, the two previous
 * ones, the residual's dual part and 2 × depth for the acceleration), tree records, devices, and the
 * threads' own scratch.
 */
export function planLayout(
  problem: CompiledCase,
  entities: readonly Entity[],
  settings: AdmmSettings,
  partition: Partition,
  scratchDoubles: number,
  shared: boolean,
): Layout {
  const shape = shapeOf(problem, entities, settings);
  const { plan, regions } = planRegions(shape, entities, settings, partition, scratchDoubles);
  return {
    shape,
    memory: plan.allocate({ shared }),
    bytes: plan.bytes,
    context: regions.context.offset,
    regions,
    parameters: parameterOffsets(regions.parameters, entities),
  };
}

function planRegions(
  shape: Shape,
  entities: readonly Entity[],
  settings: AdmmSettings,
  partition: Partition,
  scratchDoubles: number,
) {
  const plan = new MemoryPlan();
  const { buses, periods, rows } = shape;
  const vector = rows * periods;
  const depth = settings.depth;
  const kept = depth > 0 ? vector : 0;
  const context = plan.f64(abi.CONTEXT_BYTES / 8);
  const regions = {
    context,
    w: plan.f64(vector),
    z: plan.f64(vector),
    f: plan.f64(vector),
    wPrev: plan.f64(kept),
    fPrev: plan.f64(kept),
    zStep: plan.f64(vector),
    ringStep: plan.f64(vector * depth),
    ringDiff: plan.f64(vector * depth),
    // the factorisation uses it as workspace, six doubles a bus
    node: plan.f64(buses * Math.max(3 * periods, 6)),
    tree: plan.f64(buses * abi.TREE_SIZE),
    row: plan.f64(shape.deviceRows * abi.ROW_SIZE),
    rowOfBus: plan.i32(buses + 1),
    entity: plan.i32(entities.length * abi.ENTITY_WORDS),
    entityOfBus: plan.i32(buses + 1),
    weight: plan.f64(rows),
    rowSum: plan.f64(rows),
    entityCost: plan.f64(entities.length),
    entityWarm: plan.f64(entities.length),
    loadP: plan.f64(buses * periods),
    loadQ: plan.f64(buses * periods),
    parent: plan.i32(buses),
    nuPrev: plan.f64(buses * periods),
    partyMax: plan.f64(partition.parties * PARTY_MAX_DOUBLES),
    partial: plan.f64(shape.chunks * depth * 2),
    scratch: plan.f64(partition.parties * roundUp(scratchDoubles, 8)),
    segmentOfParty: plan.i32(partition.parties + 1),
    segments: plan.i32(partition.segments.length),
    top: plan.i32(partition.top.length),
    topOfParty: plan.i32(partition.parties + 1),
    topShare: plan.i32(partition.topShare.length),
    shareRow: plan.f64(rows),
    shareStep: plan.f64(rows),
    shareNode: plan.f64(buses * 3),
    path: plan.f64(buses),
    flow: plan.f64(buses),
    flowFirst: plan.f64(buses),
    trace: plan.f64(abi.TRACE_POINTS * 4),
    childOfBus: plan.i32(buses + 1),
    child: plan.i32(buses),
    parameters: plan.f64(entities.reduce((sum, entity) => sum + entity.parameters.length, 0)),
    // a spare device block: targets, charge, discharge, worth
    spare: plan.f64(6 * periods),
  };
  return { plan, regions };
}

function parameterOffsets(region: Region, entities: readonly Entity[]): Int32Array {
  const offsets = new Int32Array(entities.length);
  let at = region.offset;
  for (const [k, entity] of entities.entries()) {
    offsets[k] = at;
    at += entity.parameters.length * 8;
  }
  return offsets;
}

export function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}
