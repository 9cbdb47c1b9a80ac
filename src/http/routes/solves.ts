import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { publicCase } from '../../market/document-hash.js';
import type { Job } from '../jobs.js';
import { route } from '../route.js';
import * as s from '../schemas.js';
import type { Service } from '../service.js';
import { EventStream } from '../sse.js';

const LARGEST_CASE = 64 * 2 ** 20;

/** Cases, and solves of them as jobs. */
export function solveRoutes(app: FastifyInstance, { cases, jobs, hub }: Service): void {
  const readers = ['operator', 'auditor'] as const;
  const params = z.strictObject({ id: s.id });

  route(
    app,
    { method: 'GET', url: '/api/cases', tag: 'cases', summary: 'All cases', roles: readers, answers: { 200: s.items } },
    async () => ({ items: cases.list() }),
  );
  route(
    app,
    {
      method: 'POST',
      url: '/api/cases',
      tag: 'cases',
      summary: 'Hand in a crowdwatt-case/1 document',
      roles: ['operator'],
      body: z.looseObject({ format: z.literal('crowdwatt-case/1', { error: 'must be "crowdwatt-case/1"' }) }),
      bodyLimit: LARGEST_CASE,
      answers: { 200: s.anything, 201: s.anything },
    },
    async ({ body, reply }) => {
      const { card, isNew } = await cases.add(body);
      return reply.code(isNew ? 201 : 200).send(card);
    },
  );
  route(
    app,
    {
      method: 'GET',
      url: '/api/cases/:id',
      tag: 'cases',
      summary: 'A case, without what only its people may know',
      roles: readers,
      params,
      answers: { 200: s.anything },
    },
    async ({ params: { id } }) => publicCase(await cases.read(id)),
  );

  const tag = 'solves';
  route(
    app,
    {
      method: 'POST',
      url: '/api/solves',
      tag,
      summary: 'Solve a case',
      roles: ['operator'],
      body: s.newSolve,
      answers: { 202: s.jobAnswer },
    },
    async ({ body: { case: caseId, ...options }, reply }) => reply.code(202).send(await jobs.submit(caseId, options)),
  );
  route(
    app,
    {
      method: 'GET',
      url: '/api/solves',
      tag,
      summary: 'All solves, newest first',
      roles: readers,
      answers: { 200: s.items },
    },
    async () => ({ items: jobs.list() }),
  );
  route(
    app,
    {
      method: 'GET',
      url: '/api/solves/:id',
      tag,
      summary: 'How a solve stands',
      roles: readers,
      params,
      answers: { 200: s.jobAnswer },
    },
    async ({ params: { id } }) => jobs.get(id),
  );
  route(
    app,
    {
      method: 'GET',
      url: '/api/solves/:id/result',
      tag,
      summary: 'The solution',
      roles: readers,
      params,
      answers: { 200: s.anything },
    },
    ({ params: { id } }) => jobs.result(id),
  );
  route(
    app,
    {
      method: 'DELETE',
      url: '/api/solves/:id',
      tag,
      summary: 'Cancel',
      roles: ['operator'],
      params,
      answers: { 202: s.jobAnswer },
    },
    async ({ params: { id }, reply }) => reply.code(202).send(jobs.cancel(id)),
  );
  route(
    app,
    {
      method: 'GET',
      url: '/api/solves/:id/events',
      tag,
      summary: 'Progress, as server-sent events',
      roles: readers,
      params,
    },
    async ({ params: { id }, request, reply }) => {
      const isOver = ({ state }: Job) => state === 'done' || state === 'failed' || state === 'cancelled';
      const job = jobs.get(id);
      const stream = new EventStream(request, reply);
      const off = hub.on(`job/${id}`, ({ event, data }) => {
        stream.send(event, data);
        if (event === 'state' && isOver(data as Job)) stream.close();
      });
      const offClosing = hub.on('closing', () => stream.close());
      stream.onClose(() => {
        off();
        offClosing();
      });
      stream.send('state', job);
      if (isOver(job)) stream.close();
    },
  );
}
