import type { Definition } from './definition.js';
import { establishContract } from './rules/contracts.js';
import { closeGate, openDay, publishEquilibrium } from './rules/days.js';
import { correctDelivery, recordDelivery } from './rules/deliveries.js';
import { acceptOffer, makeOffer, rejectOffer, withdrawOffer } from './rules/offers.js';
import {
  erasePerson,
  registerParticipant,
  revokeMember,
  suspendParticipant,
  updateParticipant,
} from './rules/participants.js';
import { submitPreferences } from './rules/preferences.js';
import { queries } from './rules/queries.js';
import { closeRound } from './rules/rounds.js';
import { disputeStatement, reconcile } from './rules/statements.js';
import { supplementGeneration } from './rules/supplements.js';

/** The transaction table: everything that can happen on the ledger, in either home. */
const writes = [
  registerParticipant,
  updateParticipant,
  suspendParticipant,
  erasePerson,
  revokeMember,
  openDay,
  submitPreferences,
  closeGate,
  publishEquilibrium,
  establishContract,
  makeOffer,
  withdrawOffer,
  acceptOffer,
  rejectOffer,
  closeRound,
  supplementGeneration,
  recordDelivery,
  correctDelivery,
  reconcile,
  disputeStatement,
] as const;

export const TRANSACTIONS: ReadonlyMap<string, Definition> = new Map(
  [...writes, ...queries].map((definition) => [definition.name, definition as unknown as Definition]),
);
