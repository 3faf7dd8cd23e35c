import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WallClock } from "../../local/clock";
import { Credentials } from "../../local/credentials";
import { Front } from "../../local/front";
import { Authorizer } from "../../local/identity/authorizer";
import { keepInMemory } from "../../local/kept";
import { closed, opened } from "./leftOpen";
/** A program that resources of a test belong to. */
export const testProgram = { directory: process.cwd(), project: "test", stack: "local", localSettings: {} };
/** Starts one. @param options `clock` is closed with the cloud. @default the wall's clock, us-east-1, account 000000000000 */
export async function startTestCloud(options = {}) {
    const { clock = new WallClock(), region = "us-east-1" } = options;
    const accountId = "000000000000";
    const credentials = new Credentials();
    const authorizer = new Authorizer({ clock, region, accountId }, credentials);
    let identity;
    const front = new Front((service, request) => identity && authorizer.check(service, request), new WallClock(), region);
    const port = await front.listen(0);
    const workDirectory = await mkdtemp(join(tmpdir(), "embedded-cloud-"));
    const services = [];
    const events = [];
    const waiting = new Set();
    const context = {
        clock,
        region,
        accountId,
        endpointUrl: `http://127.0.0.1:${port}`,
        workDirectory,
        keeper: options.keeper ?? keepInMemory(),
        credentialsFor: (roleArn, sessionName) => credentials.issue(roleArn, sessionName),
        access: {
            requireService: (...need) => authorizer.requireService(...need),
            requireKeyOfService: (...use) => authorizer.requireKeyOfService(...use),
            requireKeyOfDeployer: (...use) => authorizer.requireKeyOfDeployer(...use),
            // Without IAM among the services there is no role that could be judged.
            requireRole: (...need) => void (identity && authorizer.requireRole(...need)),
            requireIdentityPolicy: (...need) => void (identity && authorizer.requireIdentityPolicy(...need)),
            requireAssumable: (...need) => void (identity && authorizer.requireAssumable(...need)),
        },
        emit: (event) => {
            events.push(event);
            for (const tell of waiting)
                tell(event);
        },
    };
    const cloud = {
        context,
        credentials,
        front,
        services,
        events,
        client: {
            endpoint: context.endpointUrl,
            region: context.region,
            credentials: { accessKeyId: "AKIATEST", secretAccessKey: "test" },
        },
        add: (service) => {
            front.add(service);
            services.push(service);
            if ("policiesOf" in service)
                identity = service;
            authorizer.consult([service], (roleArn) => identity?.policiesOf(roleArn));
            return service;
        },
        create: async (type, name, inputs) => {
            const resource = services.map(({ resources }) => resources?.[type]).find((found) => found !== undefined);
            if (!resource)
                throw new Error(`no service of this test has ${type}`);
            const urn = `urn:pulumi:${testProgram.stack}::${testProgram.project}::${type}::${name}`;
            return resource.create({ urn, type, name, inputs, program: testProgram });
        },
        call: async (token, inputs) => {
            const source = services.map(({ dataSources }) => dataSources?.[token]).find((found) => found !== undefined);
            if (!source)
                throw new Error(`no service of this test has ${token}`);
            return source(inputs);
        },
        event: (wanted) => new Promise((resolve) => {
            const past = events.find(wanted);
            if (past)
                return resolve(past);
            const tell = (event) => {
                if (!wanted(event))
                    return;
                waiting.delete(tell);
                resolve(event);
            };
            waiting.add(tell);
        }),
        close: async () => {
            closed(cloud);
            for (const service of services)
                await service.close?.();
            await front.close();
            context.clock.close();
            await rm(workDirectory, { recursive: true, force: true });
        },
    };
    opened(cloud);
    return cloud;
}
