import type { Setting } from "./setting";

/** How a new version of the endpoint takes over. */
export interface Deployment {
  /**
   * `allAtOnce`: the new fleet takes every request at once. `blueGreen`: it takes its share of `canaryPercent` first, then all. `rolling`:
   * a share of the fleet is replaced at a time.
   *
   * @default "allAtOnce"
   */
  strategy?: DeploymentStrategy;
  /**
   * Share of the fleet, in percent from 1 to 50, that the new version gets first (`blueGreen`) or at a time (`rolling`, from 5), rounded up to
   * whole instances, and at most half of them.
   *
   * @default 10
   */
  canaryPercent?: number;
  /**
   * Seconds, from 0 to 3600, for which the alarms are watched after each step.
   *
   * @default 600
   */
  bakeSeconds?: number;
  /**
   * Names of up to 7 alarms of your own that roll a release back, besides the three that are made for it. They must exist.
   *
   * @default []
   */
  rollbackAlarms?: string[];
}

/** One of the ways in which a new version takes over. */
export type DeploymentStrategy = (typeof deploymentStrategies)[number];

const deploymentStrategies = ["allAtOnce", "rolling", "blueGreen"] as const;

/** The members of the setting `deployment`. */
export const deploymentFields = {
  strategy: {
    type: "string",
    default: "allAtOnce",
    values: deploymentStrategies,
    description: "How a new version takes over",
  },
  canaryPercent: {
    type: "integer",
    default: 10,
    minimum: 1,
    maximum: 50,
    unit: "percent",
    description: "Share of the fleet that the new version gets first, or at a time",
  },
  bakeSeconds: {
    type: "integer",
    default: 600,
    minimum: 0,
    maximum: 3600,
    unit: "seconds",
    description: "How long the alarms are watched after each step",
  },
  rollbackAlarms: {
    type: "strings",
    default: [],
    pattern: /^[^\s*?"\\/:][^*?"\\:]{0,254}$/,
    maximumItems: 7,
    accepts: 'a list of at most 7 names of alarms such as ["ocr-accuracy"]; three more are made for the endpoint, and SageMaker takes 10',
    description: "Alarms of your own that roll a release back",
  },
} as const satisfies Record<keyof Deployment, Setting>;
