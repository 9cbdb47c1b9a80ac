export { compileCase } from './compile.js';
export { parseJson, readCase, readJson } from './read.js';
export { parseCase } from './validate.js';
export { loadOwners } from './validate-people.js';
