import { randomUUID } from "node:crypto";
import { occurrences, type Occurrences } from "../../core/scaling/schedules";
import { isoNow, type Timer } from "../clock";
import type { Kept } from "../kept";
import type { CloudContext, EventTargets } from "../ports";
import { ServiceError } from "../wire";

/** A rule on the default bus, with its targets. */
export interface Rule {
  name: string;
  arn: string;
  description?: string | undefined;
  /** `rate(…)` or `cron(…)`. */
  scheduleExpression: string;
  isEnabled: boolean;
  /** Since when its schedule runs: milliseconds since the epoch. */
  scheduledFrom: number;
  targets: Target[];
  tags: Record<string, string>;
}

/** A function that a rule invokes. */
export interface Target {
  id: string;
  arn: string;
  /** JSON text that it gets. @default EventBridge's own event */
  input?: string | undefined;
}

/** What is given to make or change one. */
export type RuleInput = Pick<Rule, "name" | "description" | "scheduleExpression" | "isEnabled" | "tags">;

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
    private readonly targets: Pick<EventTargets, "invokeFunction">,
  ) {
    this.rules = context.keeper.map<Rule>("events.rules");
  }

  /** Goes on with the schedules that were kept. */
  goOn(): void {
    for (const rule of this.rules.values()) this.schedule(rule);
  }

  /** Makes a rule, or gives one another schedule, state and description; its targets and tags stay. */
  put(input: RuleInput): Rule {
    const { clock, region, accountId } = this.context;
    const before = this.rules.get(input.name);
    readSchedule(input.scheduleExpression, 0);
    const goesOn = before?.isEnabled === true && before.scheduleExpression === input.scheduleExpression;
    const rule: Rule = {
      ...input,
      arn: `arn:aws:events:${region}:${accountId}:rule/${input.name}`,
      scheduledFrom: goesOn ? before.scheduledFrom : clock.now(),
      targets: before?.targets ?? [],
      tags: before?.tags ?? input.tags,
    };
    this.keep(rule);
    return rule;
  }

  /** @throws ServiceError ResourceNotFoundException */
  find(name: string): Rule {
    const rule = this.rules.get(name);
    if (!rule) throw new ServiceError("ResourceNotFoundException", `Rule ${name} does not exist on EventBus default.`);
    return rule;
  }

  findByArn(arn: string): Rule {
    return this.find(/^arn:aws[a-z-]*:events:[^:]+:\d{12}:rule\/(?:default\/)?([^/]+)$/.exec(arn)?.[1] ?? arn);
  }

  has(name: string): boolean {
    return this.rules.has(name);
  }

  /** In the order of their names. */
  all(): Rule[] {
    return [...this.rules.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  enable(name: string, isEnabled: boolean): void {
    const { arn: _, scheduledFrom: __, targets: ___, ...rule } = this.find(name);
    this.put({ ...rule, isEnabled });
  }

  /** One that does not exist is gone already. @throws ServiceError ValidationException while it has targets */
  delete(name: string): void {
    if ((this.rules.get(name)?.targets.length ?? 0) > 0) {
      throw new ServiceError("ValidationException", "Rule can't be deleted since it has targets.");
    }
    this.stop(name);
    this.rules.delete(name);
  }

  /** Adds targets, each in the place of one of its id. */
  putTargets(name: string, given: readonly Target[]): void {
    const rule = this.find(name);
    const others = rule.targets.filter(({ id }) => !given.some((target) => target.id === id));
    const targets = [...others, ...given];
    if (targets.length > mostTargets) {
      throw new ServiceError("LimitExceededException", "The requested resource exceeds the maximum number allowed.");
    }
    this.rules.set(name, { ...rule, targets });
  }

  removeTargets(name: string, ids: readonly string[]): void {
    const rule = this.find(name);
    this.rules.set(name, { ...rule, targets: rule.targets.filter(({ id }) => !ids.includes(id)) });
  }

  setTags(name: string, tags: Record<string, string>): void {
    this.rules.set(name, { ...this.find(name), tags });
  }

  close(): void {
    for (const name of [...this.timers.keys()]) this.stop(name);
  }

  private keep(rule: Rule): void {
    this.rules.set(rule.name, rule);
    this.schedule(rule);
  }

  private schedule({ name, isEnabled, scheduleExpression, scheduledFrom }: Rule): void {
    this.stop(name);
    if (!isEnabled) return;
    const next = readSchedule(scheduleExpression, scheduledFrom);
    this.wait(name, next, next(this.context.clock.now()));
  }

  private stop(name: string): void {
    this.context.clock.clearTimeout(this.timers.get(name));
    this.timers.delete(name);
  }

  private wait(name: string, next: Occurrences, at: number | undefined): void {
    // A cron expression may name a year that is over.
    if (at === undefined) return;
    const { clock } = this.context;
    const timer = clock.setTimeout(
      () => {
        if (clock.now() < at) return this.wait(name, next, at);
        this.wait(name, next, next(clock.now()));
        this.invoke(this.find(name));
      },
      Math.min(at - clock.now(), longestWaitMilliseconds),
    );
    this.timers.set(name, timer);
  }

  private invoke({ arn, targets }: Rule): void {
    const { clock, accountId, region } = this.context;
    for (const target of targets) {
      const event = {
        version: "0",
        id: randomUUID(),
        "detail-type": "Scheduled Event",
        source: "aws.events",
        account: accountId,
        time: isoNow(clock).replace(/\.\d+Z$/, "Z"),
        region,
        resources: [arn],
        detail: {},
      };
      const sent = target.input === undefined ? event : (JSON.parse(target.input) as unknown);
      this.targets.invokeFunction(target.arn, sent, { principal: "events.amazonaws.com", sourceArn: arn }).catch((error: Error) => {
        this.context.emit({ kind: "warning", message: `The schedule ${arn} did not invoke ${target.arn}: ${error.message}` });
      });
    }
  }
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
