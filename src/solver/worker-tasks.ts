/** Worker threads for the layers above the solver: independent tasks by name, with back-pressure. */
export { closePools, runTasks } from '../pool/index.js';
