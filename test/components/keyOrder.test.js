import { expect } from "chai";
import * as aws from "@pulumi/aws";
import { AsyncInference } from "../../components/asyncInference";
import { deploy } from "../../doubles/deploy";
import { inputsOf, statementsOf, treatmentOf } from "../support/readable";
const key = (id) => `arn:aws:kms:eu-west-1:123456789012:key/${id}`;
const rolePolicy = "aws:iam/rolePolicy:RolePolicy";
const args = { image: "ocr:1", kmsKeyArn: key("new"), inboxEnabled: true };
/** What the engine waits for an encrypted resource to be. */
const encrypted = /:(Table ocr-jobs|Topic ocr-(jobs|success|error)|Queue ocr-dead-letters|BucketServerSideEncryptionConfiguration ocr-encryption)$/;
describe("a new key", () => {
    it("is allowed before anything is encrypted with it, however long the endpoint's update takes: submissions would be refused", async () => {
        const events = [];
        const awaited = 6 + 6 + 1;
        let allSeen = () => undefined;
        const seen = new Promise((resolve) => (allSeen = resolve));
        const happened = (event) => {
            events.push(event);
            if (events.length === awaited)
                allSeen();
        };
        const creation = async ({ type, name, inputs }) => {
            // The endpoint's update lasts until all the rest is done: on AWS many minutes.
            if (type === "aws:sagemaker/endpoint:Endpoint")
                return seen;
            const resource = `${type} ${name}`;
            if (encrypted.test(resource))
                return happened(`encrypt ${name}`);
            if (type !== rolePolicy || !String(inputs["policy"]).includes(key("new")))
                return;
            for (let turn = 0; turn < 20; turn++)
                await new Promise(setImmediate);
            happened(`allow ${name}`);
        };
        await deploy(() => {
            const service = new AsyncInference("ocr", args);
            service.grantSubmit(new aws.iam.Role("worker", { assumeRolePolicy: "{}" }));
        }, { creation });
        const functions = ["execution", "floor", "inbox", "result", "submit", "sweep"].map((word) => `allow ocr-${word}.key`);
        const own = events.filter((event) => event !== "allow worker-ocr-submit.key");
        expect(events).to.have.length(awaited);
        expect(own.slice(0, 6).sort()).to.deep.equal(functions);
        expect(own.slice(6).sort()).to.deep.equal(["dead-letters", "encryption", "error", "jobs", "jobs", "success"].map((name) => `encrypt ocr-${name}`));
    });
    it("replaces the permission of the old one, which goes last: what the old bucket default encrypts is written until then", async () => {
        const deployment = await deploy(() => void new AsyncInference("ocr", args));
        for (const word of ["execution", "submit", "result", "sweep", "inbox", "floor"])
            expect(treatmentOf(deployment, rolePolicy, `ocr-${word}.key`), word).to.deep.equal({ replaceOnChanges: ["policy"] });
    });
    it("leaves what former keys encrypt readable to whoever reads it, and nobody writes with them: what waits would fail else", async () => {
        const deployment = await deploy(() => {
            const service = new AsyncInference("ocr", { ...args, formerKmsKeyArns: [key("old")], decryptKeyArns: [key("team")] });
            service.onCompleted("store", ({ jobId }) => void jobId);
            service.grantRead(new aws.iam.Role("worker", { assumeRolePolicy: "{}" }));
            return service.outputs;
        });
        const keysOf = async (name) => Object.values(await statementsOf(deployment, rolePolicy, name)).map(({ Sid, Action, Resource }) => [Sid, Action, Resource]);
        const use = ["UseKey", ["kms:Decrypt", "kms:GenerateDataKey"], key("new")];
        const former = ["ReadFormerKeys", "kms:Decrypt", key("old")];
        const others = ["ReadOthersKeys", "kms:Decrypt", key("team")];
        const names = ["execution", "submit", "inbox", "sweep", "result", "floor", "completed-store"].map((word) => `ocr-${word}`);
        const found = [...names, "worker-ocr-read"].map(async (name) => [name, ...(await keysOf(`${name}.key`))]);
        expect(await Promise.all(found)).to.deep.equal([
            ["ocr-execution", use, former, others],
            ["ocr-submit", use, former],
            ["ocr-inbox", use, former, others],
            ["ocr-sweep", use, former],
            ["ocr-result", use, former],
            ["ocr-floor", ["UseKey", "kms:Decrypt", key("new")]],
            ["ocr-completed-store", use, former],
            ["worker-ocr-read", ["UseKey", "kms:Decrypt", key("new")], former],
        ]);
        expect(deployment.outputs["formerKmsKeyArns"]).to.equal(key("old"));
    });
    it("may be none: what former keys encrypt is read, and nothing is encrypted with them", async () => {
        const deployment = await deploy(() => void new AsyncInference("ocr", { image: "ocr:1", formerKmsKeyArns: [key("old")] }));
        expect(Object.keys(await statementsOf(deployment, rolePolicy, "ocr-execution.key"))).to.deep.equal(["ReadFormerKeys"]);
        expect(JSON.stringify(await inputsOf(deployment, "aws:sqs/queue:Queue", "ocr-dead-letters"))).not.to.contain(key("old"));
    });
});
