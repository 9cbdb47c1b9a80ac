// Entry of the ADMM module. It runs in many threads on one shared memory: no data, no globals, no
// start function, no allocation; the host plans every offset (assembly/abi.ts).
import { ABI_VERSION } from './abi';
import { projectRows } from './cone/project';
import { proxGenerator, generatorScratch } from './device/generator';
import { proxShapable } from './device/shapable';
import { proxBattery, batteryScratch } from './device/battery';
import { proxSolar, proxSolarInverter, proxDisc, proxShed } from './device/inverter';
import { factor, evaluate, iterate } from './admm/iterate';
import { accelerationScratch } from './admm/accelerate';
import { proxRows } from './admm/xblock';
import { check } from './admm/check';

export { projectRows, proxGenerator, proxShapable, proxBattery, proxSolar, proxSolarInverter, proxDisc, proxShed };
export { factor, evaluate, iterate, check, proxRows };

export function abiVersion(): i32 {
  return ABI_VERSION;
}

/** Doubles of scratch that one party needs for T periods and acceleration memory `depth`. */
export function scratchDoubles(periods: i32, depth: i32): i32 {
  const devices = max<i32>(batteryScratch(periods), generatorScratch(periods));
  return devices + accelerationScratch(depth);
}
