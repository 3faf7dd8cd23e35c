import { randomUUID } from "node:crypto";
import { occurrences, type Occurrences } from "../../core/scaling/schedules";
import { isoTime } from "../../core/records/isoTime";
import type { Timer } from "../clock";
import type { Kept } from "../kept";
import type { CloudContext, EventTargets } from "../ports";
import { ServiceError } from "../wire";
import { nameOf, type Buses } from "./buses";
import { matches, readPattern } from "./pattern";

/** A rule on a bus, with its targets. */
export interface Rule {
  name: string;
  /** The bus whose events it sees. @default "default" */
  busName?: string | undefined;
  arn: string;
  description?: string | undefined;
  /** `rate(…)` or `cron(…)`: when it acts by itself. One of both, or both. */
  scheduleExpression?: string | undefined;
  /** Which events of its bus it hands on: JSON. */
  eventPattern?: string | undefined;
  isEnabled: boolean;
  /** Since when its schedule runs: milliseconds since the epoch. */
  scheduledFrom: number;
  targets: Target[];
  tags: Record<string, string>;
}

/** A function that a rule invokes, a queue or a topic that it sends to. */
export interface Target {
  id: string;
  arn: string;
  /** JSON text that it gets. @default EventBridge's own event */
  input?: string | undefined;
}

/** What is given to make or change one. */
export type RuleInput = Pick<Rule, "name" | "busName" | "description" | "scheduleExpression" | "eventPattern" | "isEnabled" | "tags">;

/** An event as its rules' targets get it. */
export interface BusEvent {
  version: "0";
  id: string;
  "detail-type": string;
  source: string;
  account: string;
  /** ISO 8601, to the second. */
  time: string;
  region: string;
  resources: string[];
  detail: unknown;
}

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html */
const mostTargets = 5;
/** Longest wait of a timer; a longer one fires at once. */
const longestWaitMilliseconds = 2 ** 31 - 1;

/** The rules of one embedded cloud, and the timers of those that are enabled. */
export class Rules {
  private readonly rules: Kept<Rule>;
  private readonly timers = new Map<string, Timer>();

  constructor(
    private readonly context: CloudContext,
    private readonly targets: Pick<EventTargets, "invokeFunction" | "sendMessage" | "publish">,
    private readonly buses: Buses,
  ) {
    this.rules = context.keeper.map<Rule>("events.rules");
  }

  /** Goes on with the schedules that were kept. */
  goOn(): void {
    for (const rule of this.rules.values()) this.schedule(rule);
  }

  /**
   * Makes a rule, or gives one another schedule, pattern, state and description; its targets and tags stay.
   *
   * @throws ServiceError ValidationException, InvalidEventPatternException, or ResourceNotFoundException without its bus
   */
  put(input: RuleInput): Rule {
    const { clock, region, accountId } = this.context;
    const busName = this.buses.find(input.busName ?? defaultBus).name;
    const key = keyOf(input.name, busName);
    const before = this.rules.get(key);
    if (input.scheduleExpression === undefined && input.eventPattern === undefined) {
      throw new ServiceError("ValidationException", "Parameter(s) EventPattern or ScheduleExpression must be specified.");
    }
    if (input.scheduleExpression !== undefined) {
      if (busName !== defaultBus)
        throw new ServiceError("ValidationException", "ScheduleExpression is supported only on the default event bus.");
      readSchedule(input.scheduleExpression, 0);
    }
    if (input.eventPattern !== undefined) readPattern(input.eventPattern);
    const goesOn = before?.isEnabled === true && before.scheduleExpression === input.scheduleExpression;
    const rule: Rule = {
      ...input,
      busName,
      arn: `arn:aws:events:${region}:${accountId}:rule/${key}`,
      scheduledFrom: goesOn ? before.scheduledFrom : clock.now(),
      targets: before?.targets ?? [],
      tags: before?.tags ?? input.tags,
    };
    this.keep(rule);
    return rule;
  }

  /** @param bus name or ARN. @throws ServiceError ResourceNotFoundException */
  find(name: string, bus: string = defaultBus): Rule {
    const busName = nameOf(bus);
    const rule = this.rules.get(keyOf(name, busName));
    if (!rule) throw new ServiceError("ResourceNotFoundException", `Rule ${name} does not exist on EventBus ${busName}.`);
    return rule;
  }

  findByArn(arn: string): Rule {
    const [, busName = defaultBus, name = arn] = /^arn:aws[a-z-]*:events:[^:]+:\d{12}:rule\/(?:(.+)\/)?([^/]+)$/.exec(arn) ?? [];
    return this.find(name, busName);
  }

  has(name: string, busName: string = defaultBus): boolean {
    return this.rules.has(keyOf(name, busName));
  }

  /** Those of a bus, in the order of their names. */
  all(bus: string = defaultBus): Rule[] {
    const busName = nameOf(bus);
    return [...this.rules.values()].filter((rule) => busOf(rule) === busName).sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  enable(name: string, isEnabled: boolean, bus?: string): void {
    const { arn: _, scheduledFrom: __, targets: ___, ...rule } = this.find(name, bus);
    this.put({ ...rule, isEnabled });
  }

  /** One that does not exist is gone already. @throws ServiceError ValidationException while it has targets */
  delete(name: string, bus: string = defaultBus): void {
    const key = keyOf(name, nameOf(bus));
    if ((this.rules.get(key)?.targets.length ?? 0) > 0) {
      throw new ServiceError("ValidationException", "Rule can't be deleted since it has targets.");
    }
    this.stop(key);
    this.rules.delete(key);
  }

  /**
   * Hands an event to the targets of each rule of its bus whose pattern it fits, and returns when all of them have taken it.
   *
   * @param bus name or ARN of one that exists
   */
  async take(event: BusEvent, bus: string): Promise<void> {
    const fitting = this.all(bus).filter(
      ({ isEnabled, eventPattern }) => isEnabled && eventPattern !== undefined && matches(readPattern(eventPattern), event),
    );
    await Promise.all(fitting.map((rule) => this.send(rule, event)));
  }

  /** Adds targets, each in the place of one of its id. */
  putTargets(name: string, given: readonly Target[], bus?: string): void {
    const rule = this.find(name, bus);
    const others = rule.targets.filter(({ id }) => !given.some((target) => target.id === id));
    const targets = [...others, ...given];
    if (targets.length > mostTargets) {
      throw new ServiceError("LimitExceededException", "The requested resource exceeds the maximum number allowed.");
    }
    this.rules.set(keyOf(name, busOf(rule)), { ...rule, targets });
  }

  removeTargets(name: string, ids: readonly string[], bus?: string): void {
    const rule = this.find(name, bus);
    this.rules.set(keyOf(name, busOf(rule)), { ...rule, targets: rule.targets.filter(({ id }) => !ids.includes(id)) });
  }

  setTags(name: string, tags: Record<string, string>, bus?: string): void {
    const rule = this.find(name, bus);
    this.rules.set(keyOf(name, busOf(rule)), { ...rule, tags });
  }

  close(): void {
    for (const key of [...this.timers.keys()]) this.stop(key);
  }

  private keep(rule: Rule): void {
    this.rules.set(keyOf(rule.name, busOf(rule)), rule);
    this.schedule(rule);
  }

  private schedule({ name, isEnabled, scheduleExpression, scheduledFrom }: Rule): void {
    this.stop(name);
    if (!isEnabled || scheduleExpression === undefined) return;
    const next = readSchedule(scheduleExpression, scheduledFrom);
    this.wait(name, next, next(this.context.clock.now()));
  }

  private stop(key: string): void {
    this.context.clock.clearTimeout(this.timers.get(key));
    this.timers.delete(key);
  }

  /** Only rules of the default bus have a schedule: their name is their key. */
  private wait(name: string, next: Occurrences, at: number | undefined): void {
    // A cron expression may name a year that is over.
    if (at === undefined) return;
    const { clock } = this.context;
    const timer = clock.setTimeout(
      () => {
        if (clock.now() < at) return this.wait(name, next, at);
        this.wait(name, next, next(clock.now()));
        void this.act(this.find(name));
      },
      Math.min(at - clock.now(), longestWaitMilliseconds),
    );
    this.timers.set(name, timer);
  }

  /** As its schedule says. */
  private act(rule: Rule): Promise<void> {
    return this.send(
      rule,
      busEvent(this.context, { "detail-type": "Scheduled Event", source: "aws.events", resources: [rule.arn], detail: {} }),
    );
  }

  private async send({ arn, targets, scheduleExpression, eventPattern }: Rule, event: BusEvent): Promise<void> {
    const source = { principal: "events.amazonaws.com", sourceArn: arn };
    const what = eventPattern === undefined || scheduleExpression !== undefined ? "schedule" : "rule";
    const sent = targets.map(async ({ arn: to, input }) => {
      const given = input === undefined ? event : (JSON.parse(input) as unknown);
      try {
        if (/^arn:[^:]*:sqs:/.test(to)) await this.targets.sendMessage(to, JSON.stringify(given), source);
        else if (/^arn:[^:]*:sns:/.test(to)) await this.targets.publish(to, JSON.stringify(given), "", source);
        else await this.targets.invokeFunction(to, given, source);
      } catch (error) {
        const message = `The ${what} ${arn} did not invoke ${to}: ${(error as Error).message}`;
        this.context.emit({ kind: "warning", message });
      }
    });
    await Promise.all(sent);
  }
}

/** Completes an event with what EventBridge gives each. @param at when it happened: milliseconds since the epoch. @default now */
export function busEvent(
  { clock, accountId, region }: Pick<CloudContext, "clock" | "accountId" | "region">,
  given: Pick<BusEvent, "detail-type" | "source" | "resources" | "detail">,
  at: number = clock.now(),
): BusEvent {
  const { "detail-type": detailType, source, resources, detail } = given;
  const time = isoTime(at).replace(/\.\d+Z$/, "Z");
  return { version: "0", id: randomUUID(), "detail-type": detailType, source, account: accountId, time, region, resources, detail };
}

const defaultBus = "default";

function busOf({ busName }: Pick<Rule, "busName">): string {
  return busName ?? defaultBus;
}

/** What tells a rule from those of other buses, as in its ARN. */
function keyOf(name: string, busName: string): string {
  return busName === defaultBus ? name : `${busName}/${name}`;
}

/** @throws ServiceError in EventBridge's words, with what it takes. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html */
function readSchedule(expression: string, from: number): Occurrences {
  const words =
    `Parameter ScheduleExpression is not valid. Got "${expression}"; EventBridge takes rate(1 minute), rate(5 minutes) and the like, ` +
    "with hours or days, and cron(0 8 * * ? *)";
  const [, count, plural] = /^rate\(([1-9]\d*) (?:minute|hour|day)(s)?\)$/.exec(expression) ?? [];
  // EventBridge refuses "1 minutes" and "5 minute".
  const isRate = count !== undefined && (count === "1") === (plural === undefined);
  if (!isRate && !expression.startsWith("cron(")) throw new ServiceError("ValidationException", words);
  try {
    return occurrences({ schedule: expression }, from);
  } catch {
    throw new ServiceError("ValidationException", words);
  }
}
