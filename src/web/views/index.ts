import type { View } from '../kit/view.js';
import { exploreView } from './explore.js';
import { dayView } from './operator-day.js';
import { feederView } from './operator-feeder.js';
import { membersView } from './operator-members.js';
import { moneyView } from './operator-money.js';
import { boardView } from './operator-offers.js';
import { pricesView } from './operator-prices.js';
import { solverView } from './operator-solver.js';
import { devicesView } from './own-devices.js';
import { offersView } from './own-offers.js';
import { planView } from './own-plan.js';
import { statementsView } from './own-statements.js';

/** In the order of the bar; the first of a role is where it begins. */
export const VIEWS: readonly View[] = [
  offersView,
  devicesView,
  planView,
  statementsView,
  dayView,
  feederView,
  pricesView,
  solverView,
  boardView,
  moneyView,
  membersView,
  exploreView,
];
