import { randomBytes } from 'node:crypto';
import { commitmentOf, termsHashOf } from '../../chaincode/src/domain/index.js';
import type { Ledger, Member, TransactionCall } from '../../src/ledger/types.js';

const HOUR = 3_600_000;
const HASH = '0'.repeat(64);
const BATCH = 250;
export const PERIODS = 3;

/** The calls of one simulated day with three periods, in which everybody is offered 100 Wh in each. */
export class BenchDay {
  private readonly start: number;

  constructor(readonly day: string) {
    this.start = Date.parse(`${day}T00:00:00Z`);
  }

  private get gate(): number {
    return this.start - 12 * HOUR;
  }

  private get expiry(): number {
    return this.gate + HOUR;
  }

  async open(ledger: Ledger, operator: Member): Promise<void> {
    await ledger.transact(operator, {
      name: 'OpenDay',
      timestamp: this.gate - HOUR,
      args: {
        day: this.day,
        periods: PERIODS,
        minutesPerPeriod: 60,
        startTime: this.start,
        gateTime: this.gate,
        meterDeadline: this.start + 48 * HOUR,
        maxRounds: 1,
        feederHash: HASH,
        rulesHash: HASH,
        crowdHash: HASH,
        budgetsMicro: Array(PERIODS).fill(null),
      },
    });
  }

  async price(ledger: Ledger, operator: Member): Promise<void> {
    const gate = { name: 'CloseGate', timestamp: this.gate, args: { day: this.day } };
    const { result } = await ledger.transact<{ root: string }>(operator, gate);
    const totals = { objectiveMicro: 1, lowerBoundMicro: 1, generationWh: 1, loadWh: 1, lossWh: 0 };
    const hashes = { caseHash: HASH, solutionHash: HASH, dlmpDigest: HASH };
    await ledger.transact(operator, {
      name: 'PublishEquilibrium',
      timestamp: this.gate + 1,
      args: { day: this.day, preferencesRoot: result.root, ...hashes, totals },
    });
  }

  private offerTo(participant: string, period: number) {
    return {
      participant,
      period,
      direction: 1 as const,
      wh: 100,
      energyPriceMicroPerKwh: 40_000,
      incentiveMicroPerKwh: 5_000,
    };
  }

  /** Gives the number of transactions. */
  async offer(ledger: Ledger, operator: Member, people: readonly Member[]): Promise<number> {
    let made = 0;
    for (let period = 0; period < PERIODS; period++) {
      for (const part of batches(people)) {
        const offers = part.map(({ id }) => this.offerTo(id, period));
        await ledger.transact(operator, {
          name: 'MakeOffer',
          timestamp: this.gate + 2,
          args: { day: this.day, round: 1, expiry: this.expiry, offers },
        });
        made++;
      }
    }
    return made;
  }

  preferences({ id }: Member): TransactionCall {
    const salt = randomBytes(16).toString('hex');
    const document = { format: 'crowdwatt-preferences/1', day: this.day, participant: id };
    return {
      name: 'SubmitPreferences',
      timestamp: this.gate - 1000,
      args: { day: this.day, participant: id, commitment: commitmentOf(salt, document), optOut: false },
      transient: { preferences: { salt, document } },
    };
  }

  accept({ id }: Member, period: number): TransactionCall & { readonly timestamp: number } {
    const terms = { ...this.offerTo(id, period), day: this.day, round: 1, expiry: this.expiry };
    return {
      name: 'AcceptOffer',
      timestamp: this.gate + 1000,
      args: { day: this.day, period, round: 1, participant: id, termsHash: termsHashOf(terms) },
    };
  }

  delivery({ id }: Member): TransactionCall {
    const readings = Array.from({ length: PERIODS }, (_, period) => ({ participant: id, period, wh: 100 }));
    return { name: 'RecordDelivery', timestamp: this.start + PERIODS * HOUR, args: { day: this.day, readings } };
  }

  async closeRound(ledger: Ledger, operator: Member): Promise<void> {
    await ledger.transact(operator, {
      name: 'CloseRound',
      timestamp: this.expiry + 1,
      args: { day: this.day, round: 1 },
    });
  }

  async reconcile(ledger: Ledger, operator: Member): Promise<void> {
    await ledger.transact(operator, {
      name: 'Reconcile',
      timestamp: this.start + PERIODS * HOUR + 1,
      args: { from: this.day, to: this.day },
    });
  }
}

export async function register(ledger: Ledger, operator: Member, people: readonly Member[]): Promise<void> {
  for (const part of batches(people)) {
    const participants = part.map(({ id }) => ({
      id,
      bus: '5',
      type: 2,
      role: 'crowdsourcee',
      devices: [{ id: 'battery', kind: 'battery', powerW: 10_000, energyWh: 40_000 }],
    }));
    await ledger.transact(operator, { name: 'RegisterParticipant', timestamp: 0, args: { participants } });
  }
}

export function batches<Item>(items: readonly Item[]): Item[][] {
  return Array.from({ length: Math.ceil(items.length / BATCH) }, (_, part) =>
    items.slice(part * BATCH, (part + 1) * BATCH),
  );
}

/** Works through the items, so many at once. */
export async function inTurns<Item, Result>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++;
      results[index] = await work(items[index]!);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}
