export { usualBand } from "./band";
export { checkLoad, periodOf } from "./load";
export { plan, tryChange } from "./search";
export { simulate } from "./simulate";
