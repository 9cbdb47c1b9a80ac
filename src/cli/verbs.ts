import type { Command } from 'commander';
import type { CliContext } from './context.js';

/** What a commands/<verb>.ts file exports. */
export interface VerbModule {
  register(program: Command, context: CliContext): void;
}

export interface Verb {
  readonly summary: string;
  /** Absent: not built yet. Loaded only when the verb is used, so that every command starts fast. */
  readonly load?: () => Promise<VerbModule>;
}

/** Every verb of the command line. To add one: write commands/<verb>.ts and give its line a `load`. */
export const VERBS: Readonly<Record<string, Verb>> = {
  solve: { summary: 'optimal power flow with prices at every bus', load: () => import('./commands/solve.js') },
  powerflow: { summary: 'AC power flow with storage idle', load: () => import('./commands/powerflow.js') },
  incentives: {
    summary: 'incentive design for one period',
    load: () => import('./commands/incentives.js'),
  },
  lp: { summary: 'solve a linear program from an MPS file', load: () => import('./commands/lp.js') },
  run: {
    summary: 'run a day of the market',
    load: () => import('./commands/run.js'),
  },
  ledger: { summary: 'look into a ledger, check it, settle from it', load: () => import('./commands/ledger.js') },
  member: { summary: 'members of a ledger and their keys', load: () => import('./commands/member.js') },
  diagnose: {
    summary: 'why a case has no schedule, or what binds, in words',
    load: () => import('./commands/diagnose.js'),
  },
  import: {
    summary: 'make a case from MATPOWER, OpenDSS, pandapower or CSV',
    load: () => import('./commands/import.js'),
  },
  serve: { summary: 'web application and HTTP service', load: () => import('./commands/serve.js') },
  bench: { summary: 'measure the solvers beside their peers', load: () => import('./commands/bench.js') },
  scenario: {
    summary: 'turn lines and peak loads into a day with devices and people',
    load: () => import('./commands/scenario.js'),
  },
  realtime: { summary: 'the market in real time, step by step', load: () => import('./commands/realtime.js') },
  simulate: { summary: 'day after day of the market', load: () => import('./commands/simulate.js') },
  stress: {
    summary: 'what refusals cost, by share of tasks declined',
    load: () => import('./commands/stress.js'),
  },
  fleet: {
    summary: 'many feeders on many machines',
    load: () => import('./commands/fleet.js'),
  },
  reproduce: { summary: "reproduce the paper's test and its figures", load: () => import('./commands/reproduce.js') },
};
