import type { AddressInfo } from 'node:net';
import autocannon from 'autocannon';
import type { OfferView } from '../../chaincode/src/domain/index.js';
import { createServer, type RunningServer } from '../../src/http/index.js';
import type { Bench } from '../harness.js';
import { exampleCase } from '../lib/example-case.js';

const PEOPLE = 1000;
const SECONDS = 12;
/** Reads a second of all of them together: everybody looks about every three seconds. */
const READS_PER_SECOND = 330;
const DAY = '2030-01-01';
const HOUR = 3_600_000;
const START = Date.parse(`${DAY}T00:00:00Z`);
const GATE = START - 12 * HOUR;

/** One market period with everybody at the door: reads must stay quick, and every answer must count once. */
export const bench: Bench = {
  name: 'http-participants',
  title: '1,000 participants poll and answer over HTTP in one period while solves run',
  async run(report) {
    const server = await createServer({ perMinute: 10_000_000 });
    try {
      const base = await server.app.listen({ host: '127.0.0.1', port: 0 }).then(() => {
        return `http://127.0.0.1:${(server.app.server.address() as AddressInfo).port}`;
      });
      const tokens = await enrolAll(server);
      await offerToAll(server);
      const stopSolving = solveAllTheTime(server);
      const [reads, answers] = await Promise.all([poll(base, tokens), answerAll(server, base, tokens)]);
      const solves = await stopSolving();
      const operator = server.service.reading;
      const offers = await operator.list<OfferView>('ListOffers', { day: DAY });
      const accepted = offers.filter((offer) => offer.outcome === 'accepted').length;
      let onLedger = 0;
      for await (const block of server.service.ledger.blocks()) {
        onLedger += block.transactions.filter(({ name }) => name === 'AcceptOffer').length;
      }
      report.table(
        'Server and clients in one process; keys held by the service; every answer sent twice at once',
        ['what', 'figure'],
        [
          ['connections that poll', PEOPLE],
          ['reads answered', reads.requests.total],
          ['reads that failed', reads.errors + reads.timeouts + reads.non2xx],
          ['read latency p50, ms', reads.latency.p50],
          ['read latency p99, ms (aim: under 200)', reads.latency.p99],
          ['read latency, longest, ms', reads.latency.max],
          ['answers sent', answers.sent],
          ['answers that failed', answers.failed],
          ['answers whose connection broke and that were sent again', answers.broken],
          ['answer latency p99, ms', Math.round(answers.p99)],
          ['offers accepted at the end', accepted],
          ['AcceptOffer transactions on the ledger', onLedger],
          ['solves (56 buses, 24 h) finished meanwhile', solves],
        ],
      );
      if (accepted !== PEOPLE || onLedger !== PEOPLE)
        throw new Error(`answers were lost or doubled: ${accepted}, ${onLedger}`);
      if (solves === 0) report.skip('no solve finished while the load ran: what is shown is not under solves');
    } finally {
      await server.close();
    }
  },
};

const nameOf = (k: number) => `p-${String(k).padStart(4, '0')}`;

async function enrolAll({ service }: RunningServer): Promise<string[]> {
  const tokens: string[] = [];
  for (let k = 0; k < PEOPLE; k++) {
    const { secret } = await service.accounts.invite(nameOf(k), 'participant');
    const { account } = await service.accounts.enrolHeld(nameOf(k), secret);
    tokens.push((await service.sessions.start(account.id, account.role)).token);
  }
  return tokens;
}

async function offerToAll({ service }: RunningServer): Promise<void> {
  const { ledger, reading } = service;
  const operator = await reading.operator();
  const write = <Result>(name: string, timestamp: number, args: object) =>
    ledger.transact<Result>(operator, { name, args, timestamp });
  const hash = '0'.repeat(64);
  const devices = (id: string) => [{ id: `bat-${id}`, kind: 'battery', powerW: 10_000, energyWh: 20_000 }];
  const people = Array.from({ length: PEOPLE }, (_, k) => nameOf(k));
  const participants = people.map((id) => ({ id, bus: '1', type: 2, role: 'crowdsourcee', devices: devices(id) }));
  await write('RegisterParticipant', GATE - 2 * HOUR, { participants });
  const times = { startTime: START, gateTime: GATE, meterDeadline: START + 48 * HOUR };
  const hashes = { feederHash: hash, rulesHash: hash, crowdHash: hash };
  const shape = { periods: 1, minutesPerPeriod: 60, maxRounds: 2, budgetsMicro: [null] };
  await write('OpenDay', GATE - HOUR, { day: DAY, ...times, ...hashes, ...shape });
  const { result } = await write<{ root: string }>('CloseGate', GATE, { day: DAY });
  const totals = { objectiveMicro: 0, lowerBoundMicro: 0, generationWh: 0, loadWh: 0, lossWh: 0 };
  const documents = { caseHash: hash, solutionHash: hash, dlmpDigest: hash };
  await write('PublishEquilibrium', GATE + 1, { day: DAY, preferencesRoot: result.root, ...documents, totals });
  const terms = { period: 0, direction: 1, wh: 5000, energyPriceMicroPerKwh: 40_000, incentiveMicroPerKwh: 5000 };
  const offers = people.map((participant) => ({ participant, ...terms }));
  await write('MakeOffer', GATE + HOUR, { day: DAY, round: 1, expiry: GATE + 2 * HOUR, offers });
}

/** A solve is always under way until it is told to stop; gives how many came to their end. */
function solveAllTheTime({ service }: RunningServer): () => Promise<number> {
  let going = true;
  let finished = 0;
  const work = (async () => {
    const { card } = await service.cases.add(exampleCase('sce56'));
    while (going) {
      const { id } = await service.jobs.submit(card.id, {});
      while (going && !['done', 'failed'].includes(service.jobs.get(id).state)) await pause(20);
      if (service.jobs.get(id).state === 'done') finished++;
    }
  })();
  return async () => {
    going = false;
    await work;
    return finished;
  };
}

function poll(base: string, tokens: readonly string[]): Promise<autocannon.Result> {
  let next = 0;
  return new Promise((resolve, reject) => {
    autocannon(
      {
        url: base,
        connections: PEOPLE,
        duration: SECONDS,
        overallRate: READS_PER_SECOND,
        timeout: 20,
        setupClient: (client) => {
          const token = tokens[next++ % tokens.length]!;
          client.setHeadersAndBody({ authorization: `Bearer ${token}` }, '');
        },
        requests: [{ method: 'GET', path: `/api/me/offers?day=${DAY}&period=0` }],
      },
      (error, result) => (error ? reject(error) : resolve(result)),
    );
  });
}

interface Answers {
  readonly sent: number;
  readonly failed: number;
  /** Sent again because the connection broke. */
  readonly broken: number;
  readonly p99: number;
}

/** Everybody accepts once in the time, and sends it twice at once, as an impatient phone does. */
async function answerAll({ service }: RunningServer, base: string, tokens: readonly string[]): Promise<Answers> {
  const offers = await service.reading.list<OfferView>('ListOffers', { day: DAY });
  const hashes = new Map(offers.map((offer) => [offer.participant, offer.termsHash]));
  const times: number[] = [];
  let failed = 0;
  let broken = 0;
  const send = async (k: number) => {
    const started = performance.now();
    const body = { day: DAY, period: 0, round: 1, termsHash: hashes.get(nameOf(k)), answer: 'accept' };
    const headers = { authorization: `Bearer ${tokens[k]}`, 'content-type': 'application/json' };
    const post = () => fetch(`${base}/api/me/answers`, { method: 'POST', headers, body: JSON.stringify(body) });
    let answer = await post().catch(() => undefined);
    if (answer === undefined) {
      // A connection that broke: sent again, as a phone would. It must not count twice.
      broken++;
      answer = await post().catch(() => undefined);
    }
    await answer?.text();
    if (answer?.status !== 201) failed++;
    times.push(performance.now() - started);
  };
  const everybody = tokens.map(async (_, k) => {
    await pause(1000 + (k / PEOPLE) * (SECONDS - 4) * 1000);
    await Promise.all([send(k), send(k)]);
  });
  await Promise.all(everybody);
  times.sort((a, b) => a - b);
  return { sent: times.length, failed, broken, p99: times[Math.floor(times.length * 0.99)]! };
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
