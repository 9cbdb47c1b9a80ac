import type { Ledger, Member } from '../../src/ledger/types.js';
import type { Bench, BenchReport } from '../harness.js';
import { BareGateway } from './bare-gateway.js';
import { BenchDay, inTurns, PERIODS, register } from './fabric-day.js';
import { BenchNetwork } from './fabric-network.js';

const PARTICIPANTS = 1_000;
const AT_ONCE = 100;

/** A day of 1,000 participants on a Fabric network of three organisations, all of it on this machine. */
export const bench: Bench = {
  name: 'fabric',
  title: 'Ledger on Hyperledger Fabric: a day of 1,000 participants',
  async run(report) {
    const missing = await BenchNetwork.missing();
    if (missing !== undefined) return report.skip(`nothing measured on a real Fabric network: ${missing}`);
    const network = await BenchNetwork.up();
    const ledger = await network.open('gateway');
    const older = await network.open('network');
    try {
      await measure(report, network, ledger, older);
    } finally {
      await ledger.close();
      await older.close();
      await network.down();
    }
  },
};

async function measure(report: BenchReport, network: BenchNetwork, ledger: Ledger, older: Ledger): Promise<void> {
  const began = performance.now();
  const ids = Array.from({ length: PARTICIPANTS }, (_, index) => `house-${index}`);
  const people = await inTurns(ids, 4, (id) => ledger.member(id, 'participant'));
  const enrolled = ((performance.now() - began) / 1000).toFixed(0);
  const operator = await ledger.member('operator', 'operator');
  const meter = await ledger.member('meter', 'meter');
  await register(ledger, operator, people);
  report.note(
    'Three organisations (a CA, a peer and a chaincode service each), four BFT orderers, TLS everywhere, a block every ' +
      `200 ms, ${AT_ONCE} transactions at once. Enrolment, once per participant, took ${enrolled} s for ${PARTICIPANTS}: ` +
      'a Fabric CA hashes each secret with bcrypt, twice.',
  );

  const before = await network.cpuSeconds();
  const day = await wholeDay(ledger, operator, meter, people);
  const spent = (await network.cpuSeconds()) - before;
  report.table(
    'One day, by fabric-gateway',
    ['transactions', 'seconds', 'tx/s', 'p50 ms', 'p99 ms', 'CPU-s network', 'CPU-s client', 'CPU-ms a transaction'],
    [
      [
        day.transactions,
        day.seconds.toFixed(1),
        (day.transactions / day.seconds).toFixed(0),
        quantile(day.latencies, 0.5),
        quantile(day.latencies, 0.99),
        spent.toFixed(0),
        day.clientCpu.toFixed(1),
        (((spent + day.clientCpu) / day.transactions) * 1000).toFixed(1),
      ],
    ],
  );

  const next = new BenchDay('2018-08-06');
  await next.open(ledger, operator);
  await next.price(ledger, operator);
  await next.offer(ledger, operator, people);
  const bare = await BareGateway.open(network.dir);
  const all = (accept: (member: Member) => Promise<unknown>) => async () => {
    const start = performance.now();
    await inTurns(people, AT_ONCE, accept);
    const seconds = (performance.now() - start) / 1000;
    return { seconds, extra: { 'tx/s': (PARTICIPANTS / seconds).toFixed(0) } };
  };
  await report.compare({
    title: '1,000 AcceptOffers by 1,000 members',
    // Each offer is answered once: one round, no warm-up, a period for each contestant.
    repeats: 1,
    warmup: 0,
    contestants: [
      {
        name: 'crowdwatt, fabric-gateway',
        side: 'ours',
        run: all((member) => ledger.transact(member, next.accept(member, 0))),
      },
      {
        name: 'crowdwatt, fabric-network',
        side: 'ours',
        run: all((member) => older.transact(member, next.accept(member, 1))),
      },
      {
        name: 'fabric-gateway alone (no block hash, no second try)',
        side: 'peer',
        run: all((member) => bare.submit(member, next.accept(member, 2))),
      },
    ],
  });
  bare.close();
}

/** Preferences, offers, an answer for each period, a meter's message from each, settlement: about 5,000 transactions. */
async function wholeDay(ledger: Ledger, operator: Member, meter: Member, people: readonly Member[]) {
  const day = new BenchDay('2018-08-05');
  const latencies: number[] = [];
  const clocked = async (work: Promise<unknown>): Promise<void> => {
    const began = performance.now();
    await work;
    latencies.push(performance.now() - began);
  };
  const cpu = process.cpuUsage();
  const began = performance.now();
  await day.open(ledger, operator);
  await inTurns(people, AT_ONCE, (member) => clocked(ledger.transact(member, day.preferences(member))));
  await day.price(ledger, operator);
  const offers = await day.offer(ledger, operator, people);
  const answers = Array.from({ length: PERIODS }, (_, period) => people.map((member) => ({ member, period }))).flat();
  await inTurns(answers, AT_ONCE, ({ member, period }) => clocked(ledger.transact(member, day.accept(member, period))));
  await day.closeRound(ledger, operator);
  await inTurns(people, AT_ONCE, (member) => clocked(ledger.transact(meter, day.delivery(member))));
  await day.reconcile(ledger, operator);
  const seconds = (performance.now() - began) / 1000;
  const used = process.cpuUsage(cpu);
  // Opening, gate, equilibrium, close of the round and settlement beside those that were clocked.
  return {
    transactions: latencies.length + offers + 5,
    seconds,
    latencies,
    clientCpu: (used.user + used.system) / 1e6,
  };
}

function quantile(values: readonly number[], share: number): string {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!.toFixed(0);
}
