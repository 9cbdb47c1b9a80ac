import { randomBytes } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import {
  commitmentOf,
  type DayRecord,
  hashOf,
  type OfferView,
  type ParticipantRecord,
  taskLines,
} from '../../../chaincode/src/domain/index.js';
import { CrowdwattError } from '../../errors.js';
import type { TransactionCall } from '../../ledger/types.js';
import { ALL_ROLES, type Caller } from '../auth/guard.js';
import { planOf } from '../plan.js';
import { route } from '../route.js';
import * as s from '../schemas.js';
import type { Service } from '../service.js';
import { statementsOf } from '../statements.js';
import { memberView } from './enrol.js';

const HOUR = 3_600_000;

/** What a participant sees and does: its own, always taken from the session and never from the request. */
export function meRoutes(app: FastifyInstance, service: Service): void {
  const { reading, days } = service;
  const tag = 'participant';
  const roles = ['participant'] as const;

  route(
    app,
    {
      method: 'GET',
      url: '/api/me',
      tag: 'members',
      summary: 'Who is logged in',
      roles: ALL_ROLES,
      answers: { 200: s.anything },
    },
    async ({ caller }) => ({
      ...memberView(caller.account),
      certificate: caller.account.creator?.certificate,
      expiresAt: caller.expiresAt,
      participant: caller.role === 'participant' ? await own(caller) : null,
    }),
  );

  const own = async (caller: Caller): Promise<ParticipantRecord | null> => {
    const { items } = await reading.page<ParticipantRecord>('ListParticipants', { participant: caller.id });
    return items[0] ?? null;
  };

  route(
    app,
    {
      method: 'GET',
      url: '/api/me/devices',
      tag,
      summary: 'My nameplates, as registered',
      roles,
      answers: { 200: s.anything },
    },
    async ({ caller }) => {
      const record = await own(caller);
      if (!record)
        throw new CrowdwattError('http/not-found', `${caller.id} is not registered; the first day does that`);
      return record;
    },
  );

  const mine = (url: string, query: string, summary: string) =>
    route(
      app,
      { method: 'GET', url, tag, summary, roles, query: s.dayPage, answers: { 200: s.items } },
      ({ caller, query: { day, ...page } }) => reading.page(query, { day, participant: caller.id, ...page }),
    );
  mine('/api/me/preferences', 'ListPreferences', 'My preferences in force');
  mine('/api/me/contracts', 'ListContracts', 'My contract of a day');
  mine('/api/me/deliveries', 'ListDeliveries', 'What was metered of my tasks');

  route(
    app,
    {
      method: 'GET',
      url: '/api/me/offers',
      tag,
      summary: 'Offers to me, with what I earn if I accept',
      roles,
      query: z.strictObject({
        day: s.day,
        period: s.periodPart.optional(),
        round: s.roundPart.optional(),
        ...s.pageQuery,
      }),
      answers: { 200: s.items },
    },
    async ({ caller, query }) => {
      const page = await reading.page<OfferView>('ListOffers', { ...query, participant: caller.id });
      const answerBy = (offer: OfferView) =>
        offer.outcome === 'open' ? days.answersCloseAt(offer.day, offer.round) : null;
      return {
        ...page,
        items: page.items.map((offer) => ({ ...offer, earnsMicro: earnsMicro(offer), answerBy: answerBy(offer) })),
      };
    },
  );

  route(
    app,
    {
      method: 'GET',
      url: '/api/me/plan',
      tag,
      summary: 'My plan of a day against what happened',
      roles,
      query: s.dayQuery,
      answers: { 200: s.anything },
    },
    ({ caller, query: { day } }) => planOf(reading, caller.id, day),
  );

  route(
    app,
    {
      method: 'GET',
      url: '/api/me/statements',
      tag,
      summary: 'My statements, with their lines',
      roles,
      answers: { 200: s.items },
    },
    async ({ caller }) => ({ items: await statementsOf(reading, { participant: caller.id }) }),
  );

  // What is written: each once to be signed by the member, and once for members whose key is held.
  const write = <Body extends z.ZodType>(
    url: string,
    summary: string,
    body: Body,
    callOf: (caller: Caller, body: z.output<Body>) => Promise<TransactionCall>,
  ) => {
    route(
      app,
      {
        method: 'POST',
        url: `${url}/prepare`,
        tag,
        summary: `${summary}: what is to be signed`,
        roles,
        body,
        answers: { 200: s.preparedAnswer },
      },
      async ({ caller, body: given }) => {
        if (caller.account.held) throw new CrowdwattError('http/conflict', `your key is held here: use POST ${url}`);
        const call = await callOf(caller, given as z.output<Body>);
        return service.prepared.keep(caller.id, await service.ledger.prepare(caller.account.creator!, call));
      },
    );
    route(
      app,
      {
        method: 'POST',
        url,
        tag,
        summary: `${summary}, signed by the key that is held here`,
        roles,
        body,
        answers: { 201: s.commitAnswer },
      },
      async ({ caller, body: given, reply }) => {
        const member = await service.accounts.held(caller.account);
        if (!member)
          throw new CrowdwattError('http/conflict', `your key is your own: use POST ${url}/prepare and sign`);
        return reply
          .code(201)
          .send(await service.ledger.transact(member, await callOf(caller, given as z.output<Body>)));
      },
    );
  };

  write('/api/me/preferences', 'Hand in preferences', s.preferences, async (caller, { day, optOut, devices }) => {
    const record = await dayRecord(day);
    const document = {
      format: 'crowdwatt-preferences/1' as const,
      day,
      participant: caller.id,
      ...(optOut === undefined ? {} : { optOut }),
      ...(devices === undefined ? {} : { devices }),
    };
    const salt = randomBytes(32).toString('hex');
    return {
      name: 'SubmitPreferences',
      args: { day, participant: caller.id, commitment: commitmentOf(salt, document), optOut: optOut ?? false },
      // The time of the day's own clock: a day may be run long before or after its date.
      timestamp: Math.max(record.gateTime - HOUR, record.time),
      transient: { preferences: { salt, document } },
    };
  });

  write('/api/me/answers', 'Answer an offer', s.answer, async (caller, { day, period, round, termsHash, answer }) => {
    const { items } = await reading.page<OfferView>('ListOffers', { day, period, round, participant: caller.id });
    const offer = items[0];
    if (!offer)
      throw new CrowdwattError('http/not-found', `you have no offer for period ${period}, round ${round} of ${day}`);
    const operation = `${day}/answer/${period}/${round}/${caller.id}/${answer}`;
    return {
      name: answer === 'accept' ? 'AcceptOffer' : 'RejectOffer',
      args: { day, period, round, participant: caller.id, termsHash },
      operationId: operation.length <= 128 ? operation : hashOf(operation),
      timestamp: offer.madeAt + Math.floor((offer.expiry - offer.madeAt) / 2),
    };
  });

  write('/api/me/disputes', 'Dispute a statement', s.dispute, async (caller, { from, reasonHash }) => ({
    name: 'DisputeStatement',
    args: { participant: caller.id, from, reasonHash },
  }));

  const dayRecord = async (day: string): Promise<DayRecord> => {
    const record = await reading.query<DayRecord | null>('GetDay', { day });
    if (!record) throw new CrowdwattError('http/not-found', `there is no day ${day}`, { day });
    return record;
  };
}

/** What the offer pays if it is kept in full, µ$, by the settlement rule itself. */
function earnsMicro(offer: OfferView): string {
  const lines = taskLines(offer, offer.wh, undefined);
  return String(lines.reduce((sum, line) => sum + BigInt(line.microDollars), 0n));
}
