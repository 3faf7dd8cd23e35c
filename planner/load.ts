/** Jobs of one load, sorted by arrival. */
export interface Load {
  /** What the load is called in tables: a file's name, a stack's, or its description. */
  name: string;
  /** Milliseconds since the epoch of second 0. */
  startsAt: number;
  arrivalSeconds: Float64Array;
  /** How long the model works on each job, on the instance type of the traced runs. */
  durationSeconds: Float64Array;
}
