import { warmHoursPattern } from "../../core/floor/warmHours";
import type { AsyncInferenceArgs } from "../args";
import { pages, type Setting } from "./setting";

/** How many instances run, and when. */
export const scalingSettings = {
  minCapacity: {
    type: "integer",
    default: 0,
    minimum: 0,
    unit: "instances",
    description: "Instances that always run; 0 lets the endpoint sleep",
    details: "A sleeping endpoint is woken by its first request.",
    source: `${pages.autoScalingApi}/API_RegisterScalableTarget.html`,
  },
  maxCapacity: {
    type: "integer",
    default: 5,
    minimum: 1,
    unit: "instances",
    description: "Instances that may run at once",
    source: `${pages.autoScalingApi}/API_RegisterScalableTarget.html`,
  },
  targetBacklogPerInstance: {
    type: "integer",
    default: 5,
    minimum: 1,
    unit: "requests",
    description: "Waiting requests per instance that target tracking aims for; 1 for jobs of many minutes",
    source: `${pages.autoScalingApi}/API_TargetTrackingScalingPolicyConfiguration.html`,
  },
  scaleInCooldownSeconds: {
    type: "integer",
    default: 600,
    minimum: 0,
    unit: "seconds",
    description: "Pause after a scale-in before the next one",
    source: `${pages.autoScalingApi}/API_TargetTrackingScalingPolicyConfiguration.html`,
  },
  scaleOutCooldownSeconds: {
    type: "integer",
    default: 120,
    minimum: 0,
    unit: "seconds",
    description: "Pause after a scale-out before the next one",
    source: `${pages.autoScalingApi}/API_TargetTrackingScalingPolicyConfiguration.html`,
  },
  idleSeconds: {
    type: "integer",
    default: 600,
    minimum: 60,
    maximum: 86_400,
    unit: "seconds",
    description: "How long nothing must have been open before the endpoint goes back to minCapacity",
    source: "https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html",
  },
  partialScaleIn: {
    type: "boolean",
    default: false,
    description: "Whether single instances are taken away while others work; a job that runs on one is hit",
    details: 'The service does not look at what runs on them: such a job is run again, or fails with `onDoubt: "wait"`.',
  },
  drain: {
    type: "boolean",
    default: false,
    description: "Whether new jobs are held while more instances run than are needed, until the fleet is empty and has shrunk",
    details:
      "When more instances than are needed have run for half of `idleSeconds`, new jobs stay ACCEPTED until nothing runs, for `idleSeconds` at most; the fleet shrinks, and they go on. Fewer instance hours, some minutes of waiting; no running job is hit.",
  },
  warmHours: {
    type: "strings",
    default: [],
    pattern: new RegExp(warmHoursPattern),
    maximumItems: 50,
    accepts: 'a list of hours of the week such as ["mon-fri 08:00-18:00", "sat 22:00-04:00"]',
    description: "Hours of the week in which warmMinCapacity instances always run",
    details: "An end that is not later than the beginning is on the next day: `fri 22:00-06:00`, `sat-sun 00:00-00:00`.",
    example: 'image: "ocr:1", warmHours: ["mon-fri 08:00-18:00"], warmMinCapacity: 2, warmTimeZone: "Europe/Berlin"',
    source: `${pages.autoScalingApi}/API_PutScheduledAction.html`,
  },
  warmMinCapacity: {
    type: "integer",
    default: 1,
    minimum: 1,
    unit: "instances",
    description: "Instances that always run during warmHours",
    details: "More than `minCapacity`.",
  },
  warmTimeZone: {
    type: "string",
    default: "UTC",
    pattern: /^[A-Za-z]+([/_+-][A-Za-z0-9]+)*$/,
    maximumLength: 64,
    accepts: "a time zone such as Europe/Berlin",
    description: "Time zone of warmHours",
  },
} as const satisfies Partial<Record<keyof AsyncInferenceArgs, Setting>>;
