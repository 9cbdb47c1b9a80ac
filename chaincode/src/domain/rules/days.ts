import { z } from 'zod';
import * as arg from '../arguments.js';
import { canonicalJson } from '../canonical.js';
import { transaction } from '../definition.js';
import { merkleRoot } from '../merkle.js';
import type { DayRecord, EquilibriumRecord, PreferencesRecord, SpanRecord } from '../records.js';
import { insist } from '../refusals.js';
import { dayAt } from './common.js';

export const openDay = transaction(
  'OpenDay',
  ['operator'],
  z.strictObject({
    day: arg.day,
    periods: z.int().min(1).max(arg.MAX_PERIODS),
    minutesPerPeriod: z.int().min(1).max(1440),
    startTime: arg.time,
    gateTime: arg.time,
    meterDeadline: arg.time,
    maxRounds: arg.round,
    feederHash: arg.hash,
    rulesHash: arg.hash,
    crowdHash: arg.hash,
    budgetsMicro: z.array(arg.budget.nullable()).max(arg.MAX_PERIODS),
  }),
  async (world, args) => {
    insist(!(await world.read<DayRecord>('day', args.day)), 'exists', `day ${args.day} is on the ledger already`);
    insist(
      args.budgetsMicro.length === args.periods,
      'outside-day',
      `budgetsMicro has ${args.budgetsMicro.length} entries for ${args.periods} periods`,
    );
    const end = args.startTime + args.periods * args.minutesPerPeriod * 60_000;
    insist(args.gateTime <= args.startTime, 'arguments', 'gateTime must not lie after startTime');
    insist(args.meterDeadline >= end, 'arguments', `meterDeadline must not lie before the end of the day (${end})`);
    for await (const { value: span } of world.list<SpanRecord>('span', [])) {
      insist(
        args.day < span.from || args.day > span.to,
        'span-closed',
        `day ${args.day} lies in the closed span ${span.from}..${span.to}`,
      );
    }
    const record: DayRecord = { ...args, status: 'open', time: world.time };
    await world.write('day', [args.day], record);
    const latest = await world.read<string>('latest', 'day');
    if (latest === undefined || latest < args.day) await world.write('latest', ['day'], args.day);
    world.context.event('DayOpened', { day: args.day, feederHash: args.feederHash, rulesHash: args.rulesHash });
    return { day: args.day };
  },
);

/** Leaf of the preferences' Merkle tree. */
export function preferencesLeaf(record: PreferencesRecord): string {
  return canonicalJson(record);
}

export const closeGate = transaction(
  'CloseGate',
  ['operator'],
  z.strictObject({ day: arg.day }),
  async (world, { day }) => {
    const record = await dayAt(world, day);
    insist(record.status === 'open', 'gate-closed', `the gate of day ${day} is closed already`);
    insist(
      world.time >= record.gateTime,
      'gate-early',
      `the gate of day ${day} closes at ${record.gateTime}, not before`,
    );
    const leaves: string[] = [];
    for await (const { value } of world.list<PreferencesRecord>('preferences', [day]))
      leaves.push(preferencesLeaf(value));
    const preferences = { count: leaves.length, root: merkleRoot(leaves) };
    await world.write('day', [day], { ...record, status: 'gated', time: world.time, preferences });
    world.context.event('GateClosed', { day, ...preferences });
    return preferences;
  },
);

export const publishEquilibrium = transaction(
  'PublishEquilibrium',
  ['operator'],
  z.strictObject({
    day: arg.day,
    preferencesRoot: arg.hash,
    caseHash: arg.hash,
    solutionHash: arg.hash,
    dlmpDigest: arg.hash,
    totals: z.strictObject({
      objectiveMicro: arg.amount,
      lowerBoundMicro: arg.amount,
      generationWh: arg.signedEnergy,
      loadWh: arg.signedEnergy,
      lossWh: arg.signedEnergy,
    }),
  }),
  async (world, args) => {
    const record = await dayAt(world, args.day);
    insist(record.status !== 'open', 'gate-open', `close the gate of day ${args.day} first`);
    insist(record.status === 'gated', 'already-priced', `day ${args.day} has its equilibrium already`);
    insist(
      record.preferences?.root === args.preferencesRoot,
      'wrong-root',
      `preferencesRoot must be ${record.preferences?.root}, the root at the gate of day ${args.day}`,
    );
    await world.write('equilibrium', [args.day], args satisfies EquilibriumRecord);
    await world.write('day', [args.day], { ...record, status: 'priced', time: world.time });
    world.context.event('EquilibriumPublished', {
      day: args.day,
      caseHash: args.caseHash,
      solutionHash: args.solutionHash,
    });
    return { day: args.day };
  },
);
