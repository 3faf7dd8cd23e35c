export { usualBand, type Band } from "./band";
export { checkLoad, periodOf, type Load } from "./load";
export type { Outcome } from "./outcome";
export { plan, tryChange, type Candidate, type Goal, type Plan, type PlanOptions } from "./search";
export type { PlanSettings, Unknowns } from "./settings";
export { simulate, type SimulateOptions } from "./simulate";
