export { checkLoad, periodOf, type Load } from "./load";
export type { Outcome } from "./outcome";
export type { PlanSettings, Unknowns } from "./settings";
export { simulate, type SimulateOptions } from "./simulate";
