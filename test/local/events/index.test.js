import { expect } from "chai";
import { VirtualClock } from "../../../local/clock";
import { createEvents } from "../../../local/events";
const start = Date.UTC(2026, 0, 25, 22, 46);
describe("schedules in the embedded cloud", () => {
    const clock = new VirtualClock(start);
    const told = [];
    const invoked = [];
    let refuses = false;
    const events = createEvents({ clock, region: "eu-west-1", accountId: "000000000000", emit: (event) => told.push(event) }, {
        targets: {
            invokeFunction: (...invocation) => {
                invoked.push(invocation);
                return refuses ? Promise.reject(new Error("no permission")) : Promise.resolve();
            },
        },
    });
    const functionArn = "arn:aws:lambda:eu-west-1:000000000000:function:sweep";
    const program = { directory: "/", project: "p", stack: "s", localSettings: {} };
    const create = (type, name, inputs) => {
        const resource = events.resources?.[type];
        if (!resource)
            throw new Error(`no ${type}`);
        return resource.create({ urn: name, type, name, inputs, program });
    };
    const rule = (name, inputs) => create("aws:cloudwatch/eventRule:EventRule", name, inputs);
    const target = (name, inputs) => create("aws:cloudwatch/eventTarget:EventTarget", name, inputs);
    beforeEach(() => {
        invoked.length = 0;
        told.length = 0;
        refuses = false;
    });
    after(() => events.close());
    it("invoke a function at their rate with EventBridge's own event, as EventBridge", async () => {
        const { state } = await rule("sweep", { name: "sweep", scheduleExpression: "rate(1 minute)" });
        const arn = "arn:aws:events:eu-west-1:000000000000:rule/sweep";
        expect(state["arn"]).to.equal(arn);
        await target("sweep", { rule: "sweep", arn: functionArn });
        await clock.advance(150_000);
        const [first, second, third] = invoked;
        expect(third).to.equal(undefined);
        expect([first?.[1].id === second?.[1].id, first?.[0], first?.[2]]).to.deep.equal([
            false,
            functionArn,
            { principal: "events.amazonaws.com", sourceArn: arn },
        ]);
        expect({ ...first?.[1], id: "" }).to.deep.equal({
            version: "0",
            id: "",
            "detail-type": "Scheduled Event",
            source: "aws.events",
            account: "000000000000",
            time: "2026-01-25T22:47:00Z",
            region: "eu-west-1",
            resources: [arn],
            detail: {},
        });
    });
    it("go on when a function does not let them in, and say so", async () => {
        refuses = true;
        await clock.advance(60_000);
        expect(told).to.deep.equal([
            {
                kind: "warning",
                message: `The schedule arn:aws:events:eu-west-1:000000000000:rule/sweep did not invoke ${functionArn}: no permission`,
            },
        ]);
    });
    it("rest while they are disabled", async () => {
        await rule("off", { name: "off", scheduleExpression: "rate(5 minutes)", state: "DISABLED" });
        await target("off", { rule: "off", arn: `${functionArn}-off` });
        await clock.advance(600_000);
        expect(invoked.filter(([arn]) => arn !== functionArn)).to.deep.equal([]);
    });
    for (const scheduleExpression of ["rate(1 minutes)", "rate(5 minute)", "rate(0 minutes)", "cron(0 8 * * ? *)", "every minute"]) {
        it(`are refused when they would not come as they say: ${scheduleExpression}`, async () => {
            const error = await rule("odd", { scheduleExpression }).catch((reason) => reason);
            expect(String(error)).to.equal('Error: aws:cloudwatch/eventRule:EventRule "odd": scheduleExpression: the embedded cloud takes rate(1 minute), rate(5 minutes) and the like, with hours or days');
        });
    }
    it("are refused with what is not there: event patterns, rules that nobody made", async () => {
        const pattern = await rule("pattern", { scheduleExpression: "rate(1 hour)", eventPattern: "{}" }).catch((reason) => reason);
        const orphan = await target("orphan", { rule: "none", arn: functionArn }).catch((reason) => reason);
        expect([String(pattern), String(orphan)]).to.deep.equal([
            'Error: aws:cloudwatch/eventRule:EventRule "pattern": eventPattern: not supported by the embedded cloud',
            "Error: there is no rule none",
        ]);
    });
});
