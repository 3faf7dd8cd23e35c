import { randomUUID } from "node:crypto";
import * as z from "zod";
import { isoNow } from "../clock";
import { recorded } from "../recorded";
import { autoName, resourceType } from "../resources";
const unitMilliseconds = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };
/** `rate(1 minute)`, `rate(5 minutes)`: milliseconds. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html */
function rateOf(expression) {
    const [, count = "", unit = "", plural] = /^rate\(([1-9]\d*) (minute|hour|day)(s)?\)$/.exec(expression) ?? [];
    // EventBridge refuses "1 minutes" and "5 minute".
    const sound = count !== "" && (count === "1") === (plural === undefined);
    return sound ? Number(count) * unitMilliseconds[unit] : undefined;
}
const ruleSchema = z.strictObject({
    name: z
        .string()
        .regex(/^[.\-_A-Za-z0-9]{1,64}$/)
        .optional(),
    description: z.string().max(512).optional(),
    scheduleExpression: z
        .string()
        .refine((expression) => rateOf(expression) !== undefined, "the embedded cloud takes rate(1 minute), rate(5 minutes) and the like, with hours or days"),
    state: z.enum(["ENABLED", "DISABLED"]).default("ENABLED"),
    tags: recorded.tags,
});
const targetSchema = z.strictObject({
    rule: z.string(),
    arn: z.string().regex(/^arn:aws[a-z-]*:lambda:/, "the embedded cloud takes the ARN of a function"),
    targetId: z.string().optional(),
});
/**
 * EventBridge as far as schedules go: a rule invokes its functions at its rate, on the cloud's clock. Events, patterns and
 * buses are not here.
 */
export function createEvents(context, { targets }) {
    const { clock, region, accountId } = context;
    const rules = new Map();
    const timers = new Set();
    function schedule(rule, functionArn) {
        const timer = clock.setTimeout(() => {
            timers.delete(timer);
            schedule(rule, functionArn);
            const event = {
                version: "0",
                id: randomUUID(),
                "detail-type": "Scheduled Event",
                source: "aws.events",
                account: accountId,
                time: isoNow(clock).replace(/\.\d+Z$/, "Z"),
                region,
                resources: [rule.arn],
                detail: {},
            };
            targets.invokeFunction(functionArn, event, { principal: "events.amazonaws.com", sourceArn: rule.arn }).catch((error) => {
                context.emit({ kind: "warning", message: `The schedule ${rule.arn} did not invoke ${functionArn}: ${error.message}` });
            });
        }, rule.periodMilliseconds);
        timers.add(timer);
    }
    return {
        resources: {
            "aws:cloudwatch/eventRule:EventRule": resourceType(ruleSchema, async ({ name: logicalName, inputs }) => {
                const name = inputs.name ?? autoName(logicalName);
                if (rules.has(name))
                    throw new Error(`the rule ${name} exists already: give it another name, or none`);
                const arn = `arn:aws:events:${region}:${accountId}:rule/${name}`;
                const periodMilliseconds = rateOf(inputs.scheduleExpression);
                rules.set(name, { arn, periodMilliseconds, isEnabled: inputs.state === "ENABLED" });
                return { id: name, state: { ...inputs, name, arn, eventBusName: "default", tagsAll: inputs.tags ?? {} } };
            }),
            "aws:cloudwatch/eventTarget:EventTarget": resourceType(targetSchema, async ({ name, inputs }) => {
                const rule = rules.get(inputs.rule);
                if (!rule)
                    throw new Error(`there is no rule ${inputs.rule}`);
                const targetId = inputs.targetId ?? autoName(name);
                if (rule.isEnabled)
                    schedule(rule, inputs.arn);
                return { id: `${inputs.rule}-${targetId}`, state: { ...inputs, targetId, eventBusName: "default" } };
            }),
        },
        async close() {
            for (const timer of timers)
                clock.clearTimeout(timer);
            timers.clear();
        },
    };
}
