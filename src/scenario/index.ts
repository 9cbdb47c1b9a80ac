export { buildScenario, type ScenarioOptions } from './build.js';
export { type FeederOptions, generateFeeder } from './generate.js';
export { builtInProfiles, type DayProfiles, profilesFromCsv, resample } from './profiles.js';
