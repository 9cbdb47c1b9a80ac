import { createPublicKey, verify, X509Certificate } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { termsHashOf } from '../../chaincode/src/domain/index.js';
import { openLedger } from '../../src/ledger/index.js';
import type { Ledger, Member, PreparedTransaction } from '../../src/ledger/types.js';
import type { Bench } from '../harness.js';

const MEMBERS = 1000;
const PERIODS = 10;
const DAY = '2018-08-05';
const START = Date.parse(`${DAY}T00:00:00Z`);
const GATE = START - 12 * 3_600_000;
const EXPIRY = GATE + 3_600_000;
const HASH = '0'.repeat(64);

interface Signed {
  readonly member: Member;
  readonly prepared: PreparedTransaction;
  readonly signature: Uint8Array;
}

function offerTo(participant: string, period: number) {
  return {
    participant,
    period,
    direction: 1,
    wh: 1000,
    energyPriceMicroPerKwh: 40_000,
    incentiveMicroPerKwh: 5_000,
  } as const;
}

/** A day on which every member has an offer in every period. */
async function openMarket(ledger: Ledger): Promise<Member[]> {
  const operator = await ledger.member('operator', 'operator');
  const write = (name: string, args: object, timestamp: number) => ledger.transact(operator, { name, args, timestamp });
  const members: Member[] = [];
  for (let index = 0; index < MEMBERS; index++) members.push(await ledger.member(`m${index}`, 'participant'));
  const participants = members.map(({ id }) => ({
    id,
    bus: '1',
    type: 2,
    role: 'crowdsourcee',
    devices: [{ id: 'battery', kind: 'battery', powerW: 5000, energyWh: 20_000 }],
  }));
  await write('RegisterParticipant', { participants }, GATE - 10);
  await write(
    'OpenDay',
    {
      day: DAY,
      periods: PERIODS,
      minutesPerPeriod: 60,
      startTime: START,
      gateTime: GATE,
      meterDeadline: START + 48 * 3_600_000,
      maxRounds: 2,
      feederHash: HASH,
      rulesHash: HASH,
      crowdHash: HASH,
      budgetsMicro: Array.from({ length: PERIODS }, () => null),
    },
    GATE - 10,
  );
  const gate = await ledger.transact<{ root: string }>(operator, {
    name: 'CloseGate',
    args: { day: DAY },
    timestamp: GATE,
  });
  const totals = { objectiveMicro: 0, lowerBoundMicro: 0, generationWh: 0, loadWh: 0, lossWh: 0 };
  const hashes = { caseHash: HASH, solutionHash: HASH, dlmpDigest: HASH };
  await write('PublishEquilibrium', { day: DAY, preferencesRoot: gate.result.root, ...hashes, totals }, GATE + 1);
  for (let period = 0; period < PERIODS; period++) {
    const offers = members.map(({ id }) => offerTo(id, period));
    await write('MakeOffer', { day: DAY, round: 1, expiry: EXPIRY, offers }, GATE + 2);
  }
  return members;
}

async function signAnswers(ledger: Ledger, members: readonly Member[]): Promise<Signed[]> {
  const signed: Signed[] = [];
  for (let period = 0; period < PERIODS; period++) {
    for (const member of members) {
      const terms = { ...offerTo(member.id, period), day: DAY, round: 1, expiry: EXPIRY };
      const args = { day: DAY, period, round: 1, participant: member.id, termsHash: termsHashOf(terms) };
      const prepared = await ledger.prepare(member, { name: 'AcceptOffer', args, timestamp: GATE + 3 });
      signed.push({ member, prepared, signature: await member.signer.sign(prepared.bytes) });
    }
  }
  return signed;
}

/** Runs the jobs with so many under way; gives seconds in all and the time of each, ms. */
async function race(
  jobs: readonly (() => Promise<unknown>)[],
  lanes: number,
): Promise<{ seconds: number; each: number[] }> {
  const each: number[] = [];
  let next = 0;
  const started = performance.now();
  const lane = async () => {
    for (let job = jobs[next++]; job; job = jobs[next++]) {
      const from = performance.now();
      await job();
      each.push(performance.now() - from);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return { seconds: (performance.now() - started) / 1000, each: each.sort((a, b) => a - b) };
}

const quantile = (sorted: readonly number[], share: number): string =>
  sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!.toFixed(1);

export const bench: Bench = {
  name: 'ledger',
  title: 'Durable transactions on the embedded ledger',
  run: async (report) => {
    const rows: string[][] = [];
    const folder = await mkdtemp(join(tmpdir(), 'crowdwatt-bench-'));
    try {
      for (let round = 0; round < 3; round++) {
        let blocks = 0;
        const ledger = await openLedger({ at: join(folder, `ledger-${round}`), onBlock: () => void blocks++ });
        const members = await openMarket(ledger);
        const signed = await signAnswers(ledger, members);
        const bulk = signed.slice(0, -100);
        const single = signed.slice(-100);
        const keys = new Map(
          members.map(({ id, certificate }) => [
            id,
            createPublicKey(new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'pem' })),
          ]),
        );
        const bare = await race(
          bulk.map(
            ({ member, prepared, signature }) =>
              () =>
                new Promise<void>((resolve, reject) => {
                  verify('sha256', prepared.bytes, keys.get(member.id)!, signature, (error, fine) =>
                    error || !fine ? reject(error ?? new Error('bad')) : resolve(),
                  );
                }),
          ),
          24,
        );
        blocks = 0;
        const cpu = process.cpuUsage();
        const durable = await race(
          bulk.map(
            ({ prepared, signature }) =>
              () =>
                ledger.submit(prepared, signature),
          ),
          MEMBERS,
        );
        const { user, system } = process.cpuUsage(cpu);
        const blocksWritten = blocks;
        const alone = await race(
          single.map(
            ({ prepared, signature }) =>
              () =>
                ledger.submit(prepared, signature),
          ),
          1,
        );
        await ledger.close();
        rows.push([
          String(round + 1),
          (bulk.length / durable.seconds).toFixed(0),
          (bulk.length / bare.seconds).toFixed(0),
          (bare.seconds / durable.seconds).toFixed(2),
          quantile(durable.each, 0.5),
          quantile(durable.each, 0.99),
          quantile(alone.each, 0.5),
          String(blocksWritten),
          ((user + system) / bulk.length).toFixed(0),
        ]);
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    report.note(
      `AcceptOffers by ${MEMBERS} members, each signed singly beforehand with its own P-256 key; each is verified, executed and written, with one fdatasync a block of at most 500. Beside it: bare \`crypto.verify\` of the same signatures on the thread pool.`,
    );
    report.table(
      'Throughput and latency (aim: 5,000 tx/s, p99 ≤ 250 ms with all members at once, p50 ≤ 10 ms one after another)',
      [
        'round',
        'durable tx/s',
        'bare verify/s',
        'share',
        'p50 ms',
        'p99 ms',
        'sequential p50 ms',
        'blocks',
        'CPU µs/tx',
      ],
      rows,
    );
  },
};
