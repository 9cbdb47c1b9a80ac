import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import type { DayRecord, PreferencesView } from '../../../chaincode/src/domain/index.js';
import { CrowdwattError } from '../../errors.js';
import { publicCase } from '../../market/document-hash.js';
import type { CrowdChoice } from '../../market/index.js';
import { ALL_ROLES, type Caller } from '../auth/guard.js';
import { DAY_STEPS, type DayTarget } from '../day-steps.js';
import { publishedDay } from '../plan.js';
import { route } from '../route.js';
import * as s from '../schemas.js';
import type { Service } from '../service.js';
import { statementsOf } from '../statements.js';

const MINUTE = 60_000;

/** Days of the market: begun and stepped by the operator, seen by everybody. */
export function dayRoutes(app: FastifyInstance, service: Service): void {
  const { days, reading } = service;
  const tag = 'days';
  const seesLive = ({ role }: Caller) => role === 'operator' || role === 'auditor';
  const dayAnswers = { 200: s.dayAnswer, 202: s.dayAnswer };

  route(
    app,
    {
      method: 'POST',
      url: '/api/days',
      tag,
      summary: 'Begin a day, or go on with one that is open on the ledger',
      roles: ['operator'],
      body: s.newDay,
      answers: { 202: s.dayAnswer },
      bodyLimit: 8 * 2 ** 20,
    },
    async ({ body, reply }) => {
      const run = await days.start({ ...body, crowd: body.crowd as CrowdChoice });
      return reply.code(202).send(await days.view(run.settings.day, true));
    },
  );

  route(
    app,
    { method: 'GET', url: '/api/days', tag, summary: 'All days', roles: ALL_ROLES, answers: { 200: s.items } },
    async () => ({ items: await days.list() }),
  );

  route(
    app,
    {
      method: 'GET',
      url: '/api/days/:day',
      tag,
      summary: 'One day',
      roles: ALL_ROLES,
      params: s.dayParams,
      answers: { 200: s.dayAnswer },
    },
    ({ params, caller }) => days.view(params.day, seesLive(caller)),
  );

  const goOn = async (day: string, to: DayTarget | undefined, wait: number, reply: FastifyReply) => {
    const run = days.running(day);
    run.gate.permit(to);
    const settled = await run.gate.settled(wait * 1000);
    return reply.code(settled ? 200 : 202).send(await days.view(day, true));
  };

  route(
    app,
    {
      method: 'POST',
      url: '/api/days/:day/advance',
      tag,
      summary: 'On to the next step, or to a later one',
      roles: ['operator'],
      params: s.dayParams,
      body: s.advance,
      answers: dayAnswers,
    },
    ({ params, body, reply }) => goOn(params.day, body.to, body.wait, reply),
  );

  for (const step of DAY_STEPS) {
    if (step === 'open') continue;
    route(
      app,
      {
        method: 'POST',
        url: `/api/days/:day/${step}`,
        tag,
        summary: `The step ${step}; a conflict unless it is the next`,
        roles: ['operator'],
        params: s.dayParams,
        body: s.stepBody,
        answers: dayAnswers,
      },
      ({ params: { day }, body, reply }) => {
        const { gate } = days.running(day);
        if (gate.next !== step || !gate.waiting) {
          const state = gate.waiting ? 'waits for' : 'is working on';
          throw new CrowdwattError('http/conflict', `day ${day} ${state} ${gate.next}, not ${step}`, {
            next: gate.next,
          });
        }
        return goOn(day, step, body.wait, reply);
      },
    );
  }

  route(
    app,
    {
      method: 'POST',
      url: '/api/days/:day/cancel',
      tag,
      summary: 'Stop the run; the day stays open on the ledger',
      roles: ['operator'],
      params: s.dayParams,
      answers: { 200: s.dayAnswer },
    },
    async ({ params }) => {
      const run = days.running(params.day);
      run.cancel();
      await run.ended;
      return days.view(params.day, true);
    },
  );

  route(
    app,
    {
      method: 'POST',
      url: '/api/days/:day/deliveries',
      tag,
      summary: 'Metered values',
      roles: ['meter'],
      params: s.dayParams,
      body: s.deliveries,
      answers: { 201: s.commitAnswer },
    },
    async ({ params: { day }, body, caller, reply }) => {
      const record = await reading.query<DayRecord | null>('GetDay', { day });
      if (!record) throw new CrowdwattError('http/not-found', `there is no day ${day}`, { day });
      const end = record.startTime + record.periods * record.minutesPerPeriod * MINUTE;
      const member = (await service.accounts.held(caller.account))!;
      const args = { day, readings: body.readings };
      const call = { name: 'RecordDelivery', args, timestamp: end + 5 * MINUTE };
      return reply.code(201).send(await service.ledger.transact(member, call));
    },
  );

  overviews(app, service);
}

/** What operator and auditor read of a day. */
function overviews(app: FastifyInstance, { reading, days }: Service): void {
  const tag = 'days';
  const roles = ['operator', 'auditor'] as const;
  const params = s.dayParams;

  const listing = (name: string, query: string, summary: string) =>
    route(
      app,
      {
        method: 'GET',
        url: `/api/days/:day/${name}`,
        tag,
        summary,
        roles,
        params,
        query: s.page,
        answers: { 200: s.items },
      },
      ({ params: { day }, query: page }) => reading.page(query, { day, ...page }),
    );
  listing('contracts', 'ListContracts', 'Contracts');
  listing('rounds', 'ListRounds', 'Closed rounds by period');
  listing('budgets', 'ListSpent', 'What the offers of each period may cost');
  listing('supplements', 'ListSupplements', 'Supplements of the generators');
  listing('deliveries', 'ListDeliveries', 'Metered values');

  route(
    app,
    {
      method: 'GET',
      url: '/api/days/:day/offers',
      tag,
      summary: 'Offers with their outcome',
      roles,
      params,
      query: z.strictObject({ period: s.periodPart.optional(), round: s.roundPart.optional(), ...s.pageQuery }),
      answers: { 200: s.items },
    },
    ({ params: { day }, query }) => reading.page('ListOffers', { day, ...query }),
  );

  route(
    app,
    {
      method: 'GET',
      url: '/api/days/:day/preferences',
      tag,
      summary: 'Who has handed in preferences; never what they say',
      roles,
      params,
      query: s.page,
      answers: { 200: s.items },
    },
    async ({ params: { day }, query: page }) => {
      const found = await reading.page<PreferencesView>('ListPreferences', { day, ...page });
      return { ...found, items: found.items.map(({ document: _d, salt: _s, ...record }) => record) };
    },
  );

  route(
    app,
    {
      method: 'GET',
      url: '/api/days/:day/equilibrium',
      tag,
      summary: 'The published equilibrium: case and solution',
      roles,
      params,
      answers: { 200: s.anything },
    },
    async ({ params: { day } }) => {
      const { record, feeder, solution } = await publishedDay(reading, day);
      return { record, case: publicCase(feeder), solution };
    },
  );

  route(
    app,
    {
      method: 'GET',
      url: '/api/days/:day/statements',
      tag,
      summary: 'Statements of everybody, the operator’s included',
      roles,
      params,
      answers: { 200: s.items },
    },
    async ({ params: { day } }) => ({ items: await statementsOf(reading, { day }) }),
  );

  route(
    app,
    {
      method: 'GET',
      url: '/api/days/:day/report',
      tag,
      summary: 'The run report, crowdwatt-run/1',
      roles,
      params,
      answers: { 200: s.anything },
    },
    ({ params: { day } }) => days.report(day),
  );
}
