import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ContractRecord, EquilibriumRecord, OfferView, Page } from '../../chaincode/src/domain/index.js';
import { auditLedger } from '../../src/audit/index.js';
import type { AuditReport, AuditSource, Fault } from '../../src/audit/types.js';
import { hashDocument, openLedger } from '../../src/ledger/index.js';
import type { Ledger, Member, TransactionCall } from '../../src/ledger/types.js';
import { runDay } from '../../src/market/index.js';
import type { Case } from '../../src/model/case.js';
import { readCase } from '../../src/model/index.js';
import type { Solution } from '../../src/solver/solution.js';

const scratch = mkdtempSync(join(tmpdir(), 'crowdwatt-audit-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const DAY = '2018-08-05';
let feeder: Case;
let ledger: Ledger;
let honest: AuditSource;

beforeAll(async () => {
  feeder = await readCase('examples/cases/sce56-market.json');
  ledger = await openLedger();
  await runDay(feeder, { ledger, crowd: 'reservation' });
  const auditor = await ledger.member('auditor', 'auditor');
  honest = {
    query: <Result>(name: string, args: object) => ledger.query<Result>(auditor, name, args),
    object: (hash) => ledger.getObject(hash),
  };
});
afterAll(() => ledger.close());

/** The ledger as it would read had the operator done something else. */
function altered(query: string, change: (answer: never) => unknown): AuditSource {
  return {
    ...honest,
    query: async <Result>(name: string, args: object) => {
      const answer = structuredClone(await honest.query<Result>(name, args));
      return (name === query ? change(answer as never) : answer) as Result;
    },
  };
}

/** Another solution in place of the published one, with all that follows from it put right. */
async function withSolution(change: (solution: Draft) => void): Promise<AuditSource> {
  const published = await honest.query<EquilibriumRecord>('GetEquilibrium', { day: DAY });
  const solution = structuredClone(await honest.object(published.solutionHash)) as Draft;
  change(solution);
  const solutionHash = hashDocument(solution);
  const dlmpDigest = hashDocument(solution.buses!.map((bus) => [bus.id, bus.dlmpPerMwh, bus.dlmpReactivePerMvarh]));
  return {
    query: async <Result>(name: string, args: object) => {
      const answer = await honest.query<Result>(name, args);
      return name === 'GetEquilibrium' ? ({ ...answer, solutionHash, dlmpDigest } as Result) : answer;
    },
    object: async (hash) => (hash === solutionHash ? solution : honest.object(hash)),
  };
}

type Mutable<Value> = {
  -readonly [Key in keyof Value]: Value[Key] extends object | undefined ? Mutable<Value[Key]> : Value[Key];
};
type Draft = Mutable<Solution>;

const faultsOf = (report: AuditReport, code: Fault['code']) => report.faults.filter((fault) => fault.code === code);

describe('an audit of a day of sce56-market', () => {
  it('finds nothing wrong with an honest operator, and leaves nothing out', async () => {
    const report = await auditLedger(honest);
    expect(report.faults).toEqual([]);
    expect(report.unchecked).toEqual([]);
    expect(report.days).toMatchObject([{ day: DAY, preferences: 42, contracts: 31 }]);
    const [day] = report.days;
    expect(day!.offers).toBeGreaterThan(300);
    expect(day!.supplements).toBeGreaterThan(10);
    expect(day!.gap).toBeLessThan(1e-4);
    // The devices' regrets at the published prices: dual feasibility, in dollars of 775.
    expect(day!.regret).toBeLessThan(0.05);
  });

  it('names whose contract price was shaved', async () => {
    const source = altered('ListContracts', (page: Page<Mutable<ContractRecord>>) => {
      const contract = page.items.find(({ participant }) => participant === 'c-3')!;
      contract.priceMicroPerKwh = contract.priceMicroPerKwh.map((price) => price - 500);
      return page;
    });
    const faults = faultsOf(await auditLedger(source), 'price');
    expect(new Set(faults.map(({ who }) => who))).toEqual(new Set(['c-3']));
    expect(faults).toHaveLength(feeder.periods);
  });

  it('names whose contracted energy was changed, and who got no contract', async () => {
    const source = altered('ListContracts', (page: Page<Mutable<ContractRecord>>) => {
      const items = page.items.filter(({ participant }) => participant !== 'c-6') as Mutable<ContractRecord>[];
      items.find(({ participant }) => participant === 'c-3')!.wh[7]! += 900;
      return { ...page, items };
    });
    const faults = faultsOf(await auditLedger(source), 'contract');
    expect(faults.map(({ who, period }) => [who, period])).toEqual([
      ['c-3', 7],
      ['c-6', undefined],
    ]);
  });

  it('names who was offered another λ than the DLMP of its bus, or a reward over the cap', async () => {
    const source = altered('ListOffers', (page: Page<Mutable<OfferView>>) => {
      page.items[0]!.energyPriceMicroPerKwh -= 2_000;
      page.items[1]!.incentiveMicroPerKwh = 61_000;
      return page;
    });
    const report = await auditLedger(source);
    const { items } = await honest.query<Page<OfferView>>('ListOffers', { day: DAY, limit: 2 });
    expect(faultsOf(report, 'price').map(({ who }) => who)).toEqual([items[0]!.participant]);
    expect(faultsOf(report, 'incentive').map(({ who }) => who)).toContain(items[1]!.participant);
  });

  it('names who was passed over, and who got more instead', async () => {
    const { items } = await honest.query<Page<OfferView>>('ListOffers', { day: DAY, limit: 1000 });
    const first = items.filter(({ round }) => round === 1);
    // The period with most on offer: its cheapest offer is left out.
    const size = (period: number) =>
      first.filter((offer) => offer.period === period).reduce((sum, { wh }) => sum + wh, 0);
    const period = first.map((offer) => offer.period).sort((a, b) => size(b) - size(a))[0]!;
    const cheapest = first
      .filter((offer) => offer.period === period)
      .sort((a, b) => a.incentiveMicroPerKwh - b.incentiveMicroPerKwh)[0]!;
    const source = altered('ListOffers', (page: Page<OfferView>) => ({
      ...page,
      items: page.items.filter(
        (offer) => offer.round !== 1 || offer.period !== period || offer.participant !== cheapest.participant,
      ),
    }));
    const faults = faultsOf(await auditLedger(source), 'incentive');
    expect(faults.map((fault) => [fault.who, fault.period])).toEqual([[cheapest.participant, period]]);
    expect(faults[0]!.message).toContain('passed over');
  });

  it('names the device that could have earned more at the published prices', async () => {
    // The largest battery left idle, the substation buying in its place: balanced, but dearer.
    const [place, battery] = [...feeder.batteries.entries()].sort(([, x], [, y]) => y.energyMwh - x.energyMwh)[0]!;
    const source = await withSolution((solution) => {
      const substation = solution.generators!.find(({ id }) => id === 'substation')!;
      const plan = solution.batteries![place]!;
      for (let t = 0; t < feeder.periods; t++) {
        substation.pMw[t]! += plan.dischargeMw[t]! - plan.chargeMw[t]!;
        plan.dischargeMw[t] = 0;
        plan.chargeMw[t] = 0;
        plan.energyMwh[t] = battery.initialMwh;
      }
    });
    const faults = faultsOf(await auditLedger(source), 'optimality');
    expect(faults.map(({ who }) => who)).toContain(battery.owner);
  });

  it('finds prices that are not those of the case, whatever digest is on the chain', async () => {
    const source = await withSolution((solution) => {
      const bus = solution.buses!.find(({ id }) => id === '5')!;
      bus.dlmpPerMwh = bus.dlmpPerMwh!.map((price) => price - 1.5);
    });
    const faults = faultsOf(await auditLedger(source), 'price');
    expect(faults.some(({ message }) => message.includes('bus 5 is published as'))).toBe(true);
  });

  it('finds a schedule that breaks a device or the grid, and a bound that is too good', async () => {
    const broken = await withSolution((solution) => {
      solution.batteries![0]!.chargeMw[3]! += 0.02;
    });
    const faults = faultsOf(await auditLedger(broken), 'schedule');
    expect(faults.some(({ who }) => who === feeder.batteries[0]!.owner)).toBe(true);
    const boasting = await withSolution((solution) => {
      solution.lowerBound = solution.objective! + 5;
    });
    expect(
      faultsOf(await auditLedger(boasting), 'optimality').some(({ message }) => message.includes('lower bound')),
    ).toBe(true);
  });

  it('names whose preferences the solved case does not have', async () => {
    // The chain's commitment is to another wish than the one that was solved for.
    const source = altered(
      'ListPreferences',
      (page: Page<{ participant: string; document: object; salt: string; commitment: string }>) => {
        const view = page.items.find(({ participant }) => participant === 'c-5')!;
        view.document = { ...view.document, optOut: true };
        return page;
      },
    );
    const faults = faultsOf(await auditLedger(source), 'preferences');
    expect(faults.map(({ who }) => who)).toContain('c-5');
  });

  it('finds an overpaid supplement and a wrong payment', async () => {
    const dear = altered('ListSupplements', (page: Page<{ priceMicroPerKwh: number }>) => {
      page.items[0]!.priceMicroPerKwh += 5_000;
      return page;
    });
    const report = await auditLedger(dear);
    expect(faultsOf(report, 'supplement')).toHaveLength(1);
    // Its payment no longer follows from price × energy either.
    expect(faultsOf(report, 'payment').length).toBeGreaterThan(0);
    const lines = altered('ListStatementLines', (page: Page<{ microDollars: number | string }>) => {
      if (page.items[0]) page.items[0].microDollars = Number(page.items[0].microDollars) - 1;
      return page;
    });
    expect(faultsOf(await auditLedger(lines), 'payment').length).toBeGreaterThan(10);
  });

  it('calls withheld documents a fault and erased ones a gap', async () => {
    const { caseHash } = await honest.query<EquilibriumRecord>('GetEquilibrium', { day: DAY });
    const withheld = {
      ...honest,
      object: async (hash: string) => (hash === caseHash ? undefined : honest.object(hash)),
    };
    expect(faultsOf(await auditLedger(withheld), 'document')).toHaveLength(1);
    const erased = altered('ListPreferences', (page: Page<{ document: object | null; salt: string | null }>) => {
      page.items[0]!.document = null;
      return page;
    });
    const report = await auditLedger(erased);
    expect(report.faults).toEqual([]);
    expect(report.unchecked).toHaveLength(1);
  });
});

describe('crowdwatt ledger audit', () => {
  const cli = (...args: string[]) =>
    spawnSync(process.execPath, ['dist/src/cli/main.js', ...args], { encoding: 'utf8' });

  it('exits 0 for an honest operator and 4 for one that shaved a price, and names the victim', {
    timeout: 120_000,
  }, async () => {
    const fair = join(scratch, 'fair');
    await runDay(feeder, { ledger: fair, crowd: 'accept' });
    const passed = cli('ledger', 'audit', fair, '--out', '-');
    expect([passed.stderr, passed.status]).toEqual(['', 0]);
    expect(JSON.parse(passed.stdout)).toMatchObject({ format: 'crowdwatt-audit/1', faults: [], unchecked: [] });

    const at = join(scratch, 'unfair');
    const real = await openLedger({ at });
    // An operator's own software, changed in one place.
    const shaving = new Proxy(real, {
      get(target, name) {
        if (name === 'transact')
          return (member: Member, call: TransactionCall) => target.transact(member, shaved(call));
        const value = Reflect.get(target, name, target) as unknown;
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    await runDay(feeder, { ledger: shaving, crowd: 'accept' });
    await real.close();
    expect(cli('ledger', 'verify', at).status).toBe(0);
    const found = cli('ledger', 'audit', at);
    expect(found.status).toBe(4);
    expect(found.stdout).toContain('FAULT price');
    expect(found.stdout).toContain('c-6');
    expect(found.stderr).toContain('error[ledger/audit]');
    const others = new Set([...found.stdout.matchAll(/FAULT price \([^)]*, (c-\d+)\)/g)].map((match) => match[1]));
    expect(others).toEqual(new Set(['c-6']));
  });

  function shaved(call: TransactionCall): TransactionCall {
    if (call.name !== 'EstablishContract') return call;
    const { day, contracts } = call.args as { day: string; contracts: ContractRecord[] };
    const changed = contracts.map((contract) =>
      contract.participant === 'c-6'
        ? { ...contract, priceMicroPerKwh: contract.priceMicroPerKwh.map((price) => price - 100) }
        : contract,
    );
    return { ...call, args: { day, contracts: changed } };
  }

  it('is read-only', () => {
    const fair = join(scratch, 'fair');
    const before = readFileSync(join(fair, 'head.json'), 'utf8');
    cli('ledger', 'audit', fair, '--day', DAY);
    expect(readFileSync(join(fair, 'head.json'), 'utf8')).toBe(before);
    expect(cli('ledger', 'audit', fair, '--day', '2018-08-06').status).toBe(2);
  });
});
