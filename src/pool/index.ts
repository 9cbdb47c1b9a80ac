export { type GangOptions, runGang } from './gang.js';
export { type Partition, partitionTree, SUBTREE_ROOT } from './partition.js';
export { closePools, MOST_PARTIES } from './pools.js';
export { pingWorker, runTask, runTasks } from './tasks.js';
