import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { CrowdwattError } from '../../errors.js';
import type { BlockView, TransactionView } from '../../ledger/types.js';
import { readSignature } from '../auth/certificate-request.js';
import { ALL_ROLES, type Caller } from '../auth/guard.js';
import { blockFor, certificatesOf, isOwn } from '../block-views.js';
import { checkChain, nodeCertificate } from '../ledger-check.js';
import { route } from '../route.js';
import * as s from '../schemas.js';
import type { Service } from '../service.js';

const NEWEST = 50;
const MOST = 500;

/** Blocks, transactions and receipts; and the second half of every transaction that is signed elsewhere. */
export function ledgerRoutes(app: FastifyInstance, service: Service, at: string | undefined): void {
  const { ledger, watch, prepared } = service;
  const tag = 'ledger';
  const overview = ['operator', 'auditor'] as const;
  const txParams = z.strictObject({ txId: s.hash });

  route(
    app,
    {
      method: 'POST',
      url: '/api/transactions/submit',
      tag,
      summary: 'Send what was prepared, with its signature',
      roles: ALL_ROLES,
      body: s.submit,
      answers: { 201: s.commitAnswer, 202: s.preparedAnswer },
    },
    async ({ body, caller, reply }) => {
      const outcome = await prepared.submit(caller.id, body.prepared, readSignature(body.signature));
      return 'again' in outcome ? reply.code(202).send(outcome.again) : reply.code(201).send(outcome.commit);
    },
  );

  route(
    app,
    {
      method: 'GET',
      url: '/api/me/transactions',
      tag: 'participant',
      summary: 'My transactions',
      roles: ['participant'],
      answers: { 200: s.items },
    },
    async ({ caller }) => {
      await watch.ready;
      return { items: watch.madeBy(certificatesOf(caller)).reverse() };
    },
  );

  route(
    app,
    {
      method: 'GET',
      url: '/api/ledger/head',
      tag,
      summary: 'Height and hash, signed by the ledger',
      roles: ALL_ROLES,
      answers: { 200: s.anything },
    },
    async () => ({ kind: ledger.kind, ...(await ledger.head()), nodeCertificate: await nodeCertificate(ledger) }),
  );

  route(
    app,
    {
      method: 'GET',
      url: '/api/ledger/blocks',
      tag,
      summary: 'Blocks; without from, the newest',
      roles: ALL_ROLES,
      query: z.strictObject({ from: s.height.optional(), to: s.height.optional() }),
      answers: { 200: s.items },
    },
    async ({ query, caller }) => {
      const { height } = await ledger.head();
      const to = Math.min(query.to ?? (query.from === undefined ? height : query.from + NEWEST), height);
      const from = query.from ?? Math.max(0, to - NEWEST);
      if (to - from > MOST)
        throw new CrowdwattError('input/invalid', `to: at most ${MOST} blocks at once`, { path: 'to' });
      const items: object[] = [];
      for await (const block of ledger.blocks(from, to)) items.push(blockFor(caller, block));
      return { items };
    },
  );

  const blockAt = async (number: number): Promise<BlockView> => {
    for await (const block of ledger.blocks(number, number + 1)) return block;
    throw new CrowdwattError('http/not-found', `there is no block ${number}`);
  };

  /** Another's transaction looks as if it were not there. */
  const find = async (txId: string, caller: Caller): Promise<TransactionView & { readonly block: number }> => {
    await watch.ready;
    const number = watch.blockOf(txId);
    const block = number === undefined ? undefined : await blockAt(number);
    const found = block?.transactions.find((transaction) => transaction.txId === txId);
    if (!found || !isOwn(caller, found)) throw new CrowdwattError('http/not-found', `there is no transaction ${txId}`);
    return { ...found, block: block!.number };
  };

  route(
    app,
    {
      method: 'GET',
      url: '/api/ledger/blocks/:number',
      tag,
      summary: 'One block',
      roles: ALL_ROLES,
      params: z.strictObject({ number: s.height }),
      answers: { 200: s.anything },
    },
    async ({ params, caller }) => blockFor(caller, await blockAt(params.number)),
  );
  route(
    app,
    {
      method: 'GET',
      url: '/api/ledger/transactions/:txId',
      tag,
      summary: 'One transaction',
      roles: ALL_ROLES,
      params: txParams,
      answers: { 200: s.anything },
    },
    ({ params, caller }) => find(params.txId, caller),
  );
  route(
    app,
    {
      method: 'GET',
      url: '/api/ledger/receipts/:txId',
      tag,
      summary: 'Proof that a transaction is on the ledger',
      roles: ALL_ROLES,
      params: txParams,
      answers: { 200: s.anything },
    },
    async ({ params, caller }) => {
      await find(params.txId, caller);
      if (!ledger.receipt) throw new CrowdwattError('not-built', 'this ledger makes no receipts afterwards');
      return ledger.receipt(params.txId);
    },
  );

  route(
    app,
    {
      method: 'GET',
      url: '/api/ledger/verify',
      tag,
      summary: 'Checks the whole ledger',
      roles: overview,
      perMinute: 10,
      answers: { 200: s.anything },
    },
    () => checkChain(ledger, at),
  );

  route(
    app,
    { method: 'GET', url: '/api/ledger/export', tag, summary: 'One JSON block a line', roles: overview, perMinute: 10 },
    async ({ reply }) => {
      const { Readable } = await import('node:stream');
      const lines = async function* () {
        for await (const block of ledger.blocks()) yield `${JSON.stringify(block)}\n`;
      };
      return reply.type('application/x-ndjson').send(Readable.from(lines()));
    },
  );
}
