// Barrier between the threads that share a context. Waits are finite and look at the poison word, so
// that a lost thread ends the others instead of hanging them.
import { CONTROL, ARRIVED, GENERATION, POISON, PARTIES } from '../abi';
import { word } from './context';

const SPINS: i32 = 400;
const WAIT_NANOSECONDS: i64 = 20_000_000;

// @ts-ignore: decorator
@inline
export function control(ctx: usize, index: i32): usize {
  return ctx + CONTROL + (<usize>index << 6);
}

/** Returns false where the context is poisoned: the caller must leave at once. */
export function barrier(ctx: usize): bool {
  const parties = <i32>word(ctx, PARTIES);
  if (parties == 1) return atomic.load<i32>(control(ctx, POISON)) == 0;
  const generation = atomic.load<i32>(control(ctx, GENERATION));
  if (atomic.add<i32>(control(ctx, ARRIVED), 1) == parties - 1) {
    atomic.store<i32>(control(ctx, ARRIVED), 0);
    atomic.add<i32>(control(ctx, GENERATION), 1);
    atomic.notify(control(ctx, GENERATION), parties);
  } else {
    for (let spin = 0; spin < SPINS; ++spin) {
      if (atomic.load<i32>(control(ctx, GENERATION)) != generation) break;
    }
    while (atomic.load<i32>(control(ctx, GENERATION)) == generation) {
      if (atomic.load<i32>(control(ctx, POISON)) != 0) return false;
      atomic.wait<i32>(control(ctx, GENERATION), generation, WAIT_NANOSECONDS);
    }
  }
  return atomic.load<i32>(control(ctx, POISON)) == 0;
}
