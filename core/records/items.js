/** Key of the one {@link OpenCount} in the job table; no job id begins with `#`. */
export const openCountKey = "#count";
/** Key of the one {@link Floor} in the job table; no job id begins with `#`. */
export const floorKey = "#floor";
