import { isoTime } from "../records/isoTime";
import { floorKey, type Floor } from "../records/items";
import { openMetric } from "../metrics";
import type { Clock, Jobs, Log } from "../ports";
import { recordSchemaVersion } from "../records/table";
import { minimumAt, type WarmHours } from "./warmHours";

/** The endpoint's instances. */
export interface Fleet {
  desiredInstances: number;
  inService: boolean;
  /** Name of the configuration that it serves: another one after an update. */
  endpointConfigName?: string;
}

/** The endpoint's instances, and the bounds that its scalable target keeps them within. */
export interface Capacity {
  /** Undefined when there is no such endpoint. */
  describe(): Promise<Fleet | undefined>;
  /** The scalable target's minimum; undefined when none is registered. */
  minimum(): Promise<number | undefined>;
  /**
   * Sets the bounds; a maximum that isn't given stays. The service moves the number of instances into them at once,
   * unless the endpoint is updating: then only another call does.
   * https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html
   */
  setBounds(minimum: number, maximum?: number): Promise<void>;
}

/** The floor's item in the job table. */
export interface Floors {
  read(): Promise<Floor | undefined>;
  /** False, and nothing is written, when the item no longer has that revision; undefined stands for no item. */
  write(floor: Floor, revision: number | undefined): Promise<boolean>;
}

/** What keeping the floor takes. */
export interface FloorPorts {
  floors: Floors;
  capacity: Capacity;
  clock: Pick<Clock, "now">;
  log: Log;
}

/** What the floor goes by. */
export interface FloorSettings {
  endpointName: string;
  variantName: string;
  minCapacity: number;
  maxCapacity: number;
  warm: WarmHours;
  /** What `minCapacity` and `warm` come to at a time, where that is known for less than working it out. */
  configuredMinimum?: (now: number) => number;
  /** For how long nothing must have been open. */
  idleSeconds: number;
  /** Whether the service may take single instances away: the floor is then one instance at most. */
  partialScaleIn: boolean;
  /** Whether new jobs are held until a fleet that is larger than needed is empty and has shrunk. */
  drain: boolean;
  maxConcurrentInvocationsPerInstance: number;
  targetBacklogPerInstance: number;
}

/** What the sweeper counted. */
export interface FloorLoad {
  /** Jobs that are invoked or being invoked, and may be running. */
  running: number;
  /** Jobs that are accepted and not invoked: those that are held while the fleet is emptied. */
  held: number;
  /** When they were counted, in milliseconds since the epoch. */
  countedAt: number;
}

/** For how long a floor counts as looked after: the floor function comes once a minute. */
const freshSeconds = 150;
/** From the decision to let go of instances until it takes effect, at least: those who submit remember for seconds that none was taken. */
const settleSeconds = 20;
/** From the decision to lower the floor until it is done: what somebody opened meanwhile must show. */
const loweringSeconds = 45;

/**
 * Raises the floor to the present capacity, at least one instance, before a job is invoked: no scale-in can then take an
 * instance from it, and a sleeping endpoint wakes at once. Done once for all callers that submit at the same time. A
 * failure is logged and costs only time, since the wake-up and the sweeper do the same later.
 *
 * @returns since when new jobs are held; undefined: the job may be invoked
 */
export async function holdFloor(ports: FloorPorts, settings: FloorSettings): Promise<string | undefined> {
  try {
    const known = await ports.floors.read();
    const now = ports.clock.now();
    if (isLookedAfter(known, now)) return known?.drain?.since;
    // Nobody empties the fleet any more: what waits for it would wait for ever.
    const { drain: _, excess: __, ...rest } = known ?? {};
    if (await ports.floors.write(next(rest, now, { state: "up" }), known?.revision)) {
      ports.log(openMetric(settings.endpointName, now));
      await raise(ports, settings, now);
    }
    return undefined;
  } catch (error) {
    ports.log({ level: "warn", message: "floor not raised", reason: (error as Error).name, detail: (error as Error).message });
    return undefined;
  }
}

/** Whether the floor is up, and who keeps it is alive. */
export function isLookedAfter(floor: Floor | undefined, now: number): boolean {
  return floor?.state === "up" && now - Date.parse(floor.setAt) < freshSeconds * 1000;
}

/** What telling whether new jobs are held takes. */
export interface HoldPorts {
  jobs: Pick<Jobs, "get">;
  clock: Pick<Clock, "now">;
}

/** Since when new jobs are held while the fleet is emptied; undefined: they may be invoked. */
export async function heldSince({ jobs, clock }: HoldPorts): Promise<string | undefined> {
  const floor = await jobs.get(floorKey);
  return isLookedAfter(floor, clock.now()) ? floor?.drain?.since : undefined;
}

/**
 * Once a minute: keeps the floor at what alarms have added for as long as jobs are open, puts it back to the
 * configured minimum when nothing has been open for `idleSeconds`, and keeps it there. Only one may do this at a time.
 *
 * @returns the floor as it is afterwards
 */
export async function tendFloor(ports: FloorPorts, settings: FloorSettings, load: FloorLoad): Promise<Floor | undefined> {
  const known = await ports.floors.read();
  const now = ports.clock.now();
  if (load.running + load.held > 0) return keepUp(ports, settings, load, known, now);
  if (!known || known.state === "down") return keepDown(ports, settings, known, now);
  if (known.state === "lowering") {
    return now - Date.parse(known.setAt) < settleSeconds * 1000 ? known : lower(ports, settings, known, now);
  }
  const idleSince = known.idleSince ?? isoTime(now);
  if (now - Date.parse(idleSince) < (settings.idleSeconds - loweringSeconds) * 1000) {
    return keepUp(ports, settings, load, known, now, idleSince);
  }
  const { drain: _, excess: __, ...idle } = known;
  return save(ports, known, next(idle, now, { state: "lowering", idleSince }));
}

/**
 * The target's minimum is the configured one whoever changed it: schedules set it at the ends of warm hours only, so that a deployment
 * in their middle would leave it as it was, or as it is outside of them, until the next one.
 */
async function keepDown(ports: FloorPorts, settings: FloorSettings, known: Floor | undefined, now: number): Promise<Floor | undefined> {
  const configured = configuredMinimum(settings, now);
  const minimum = await ports.capacity.minimum();
  // A deployment that changes the hardware has taken the target away, and brings it back.
  if (minimum === undefined) return known;
  if (minimum === configured && !(await fallsShort(ports, configured))) return known;
  return lower(ports, settings, known, now);
}

/** Whether an endpoint that was updating when its minimum was set has ignored it. */
async function fallsShort(ports: FloorPorts, minimum: number): Promise<boolean> {
  if (minimum === 0) return false;
  const fleet = await ports.capacity.describe();
  return fleet !== undefined && fleet.inService && fleet.desiredInstances < minimum;
}

async function keepUp(
  ports: FloorPorts,
  settings: FloorSettings,
  load: FloorLoad,
  known: Floor | undefined,
  now: number,
  idleSince?: string,
): Promise<Floor | undefined> {
  const fleet = await ports.capacity.describe();
  if (!fleet) return known;
  const draining = settings.drain ? drained(settings, load, fleet, known, now) : {};
  const shrunkTo = draining.drain?.shrunkTo;
  const instances = await setFloor(
    ports,
    settings,
    shrunkTo ?? Math.max(fleet.desiredInstances, beforeUpdate(fleet, known)),
    now,
    shrunkTo,
  );
  const { idleSince: _, excess: __, drain: ___, ...kept } = known ?? {};
  const { inService, endpointConfigName } = fleet;
  const served = inService && endpointConfigName !== undefined ? { endpointConfigName } : {};
  const change = { state: "up" as const, instances, ...draining, ...served, ...(idleSince === undefined ? {} : { idleSince }) };
  return save(ports, known, next(kept, now, change));
}

/**
 * How many instances the floor held before an update that goes on, or that was carried out since the last minute: it puts the fleet to its
 * initial count, whatever ran. 0 otherwise.
 */
function beforeUpdate({ inService, endpointConfigName }: Fleet, known: Floor | undefined): number {
  if (known?.state !== "up" || known.endpointConfigName === undefined) return 0;
  return inService && endpointConfigName === known.endpointConfigName ? 0 : known.instances;
}

/** Whether the fleet is larger than needed, and how far it is with being emptied for that. */
function drained(
  settings: FloorSettings,
  { running, held, countedAt }: FloorLoad,
  fleet: Fleet,
  known: Floor | undefined,
  now: number,
): Pick<Floor, "excess" | "drain"> {
  const { drain } = known ?? {};
  const at = isoTime(now);
  const lasts = (since: string, seconds: number) => now - Date.parse(since) >= seconds * 1000;
  if (drain?.shrunkTo !== undefined) return fleet.inService && fleet.desiredInstances <= drain.shrunkTo ? {} : { drain };
  if (needed(settings, running + held) >= fleet.desiredInstances) return {};
  if (!drain) {
    const since = known?.excess?.since ?? at;
    return lasts(since, settings.idleSeconds / 2) ? { drain: { since: at } } : { excess: { since } };
  }
  // What runs for so long keeps new jobs waiting no longer.
  if (running > 0) return lasts(drain.since, settings.idleSeconds) ? {} : { drain: { since: drain.since } };
  // Counted once more since, so that what was invoked just before the fleet began to be emptied has shown.
  if (drain.emptySince === undefined) return { drain: lasts(drain.since, settleSeconds) ? { ...drain, emptySince: at } : drain };
  if (countedAt <= Date.parse(drain.emptySince)) return { drain };
  return { drain: { ...drain, shrunkTo: Math.max(needed(settings, held), configuredMinimum(settings, now)) } };
}

function configuredMinimum({ configuredMinimum: known, warm, minCapacity }: FloorSettings, now: number): number {
  return known ? known(now) : minimumAt(warm, minCapacity, now);
}

/** How many instances jobs need, with half as many waiting as target tracking allows: it would add again at once otherwise. */
function needed({ maxConcurrentInvocationsPerInstance, targetBacklogPerInstance }: FloorSettings, jobs: number): number {
  return Math.max(1, Math.ceil(jobs / (maxConcurrentInvocationsPerInstance + targetBacklogPerInstance / 2)));
}

/** Puts the floor back, unless somebody opened a job in the meantime. */
async function lower(ports: FloorPorts, settings: FloorSettings, known: Floor | undefined, now: number): Promise<Floor | undefined> {
  const instances = configuredMinimum(settings, now);
  const mine = next(known, now, known === undefined ? {} : { setAt: known.setAt });
  if (!(await ports.floors.write(mine, known?.revision))) return ports.floors.read();
  await ports.capacity.setBounds(instances, usualMaximum(settings));
  const { idleSince: _, ...rest } = mine;
  const down = next(rest, now, { state: "down", instances });
  if (await ports.floors.write(down, mine.revision)) return down;
  // Who opened a job since may have raised the floor before it was lowered here.
  await raise(ports, settings, now);
  return ports.floors.read();
}

async function raise(ports: FloorPorts, settings: FloorSettings, now: number): Promise<void> {
  const fleet = await ports.capacity.describe();
  if (fleet) await setFloor(ports, settings, fleet.desiredInstances, now);
}

/** @param maximum the most instances there may be for now. @default what is configured */
async function setFloor(ports: FloorPorts, settings: FloorSettings, desired: number, now: number, maximum?: number): Promise<number> {
  const least = Math.max(1, configuredMinimum(settings, now));
  const instances = Math.min(settings.maxCapacity, Math.max(least, settings.partialScaleIn ? 0 : desired));
  if (maximum !== undefined) await ports.capacity.setBounds(instances, Math.max(instances, maximum));
  await ports.capacity.setBounds(instances, usualMaximum(settings));
  return instances;
}

/** Only draining lowers the maximum, so only then is it put back. */
function usualMaximum({ drain, maxCapacity }: FloorSettings): number | undefined {
  return drain ? maxCapacity : undefined;
}

function next(known: Partial<Floor> | undefined, now: number, change: Partial<Floor> & Partial<Pick<Floor, "state">>): Floor {
  return {
    instances: 0,
    state: "down",
    ...known,
    jobId: floorKey,
    schemaVersion: recordSchemaVersion,
    setAt: isoTime(now),
    ...change,
    revision: (known?.revision ?? 0) + 1,
  };
}

/** When another caller wrote first, its write stands: the next minute sees it. */
async function save(ports: FloorPorts, known: Floor | undefined, floor: Floor): Promise<Floor | undefined> {
  return (await ports.floors.write(floor, known?.revision)) ? floor : ports.floors.read();
}
