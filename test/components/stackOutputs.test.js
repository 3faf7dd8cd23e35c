import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { AsyncInference } from "../../components/asyncInference";
import { asyncInferenceOutputs } from "../../components/stackOutputs";
import { stacks } from "../../testing/awsDouble";
import { deploy } from "../../doubles/deploy";
import { serviceOutputs } from "../support/outputs";
const stack = "acme/ocr/prod";
/** What a program reads of a stack that has these outputs, or the message with which it fails. */
async function readFrom(outputs, output) {
    stacks.set(stack, outputs);
    const program = () => ({ all: asyncInferenceOutputs(new pulumi.StackReference(stack), output) });
    return deploy(program).then((deployment) => deployment.outputs["all"], (error) => error.message);
}
/** A secret as the engine hands it to a program. */
const secret = (value) => ({ [pulumi.runtime.specialSigKey]: pulumi.runtime.specialSecretSig, value });
const without = (...names) => Object.fromEntries(Object.entries(serviceOutputs).filter(([name]) => !names.includes(name)));
describe("asyncInferenceOutputs", () => {
    afterEach(() => stacks.clear());
    it("reads the whole contract, as one and each field by itself", async () => {
        stacks.set(stack, { ...serviceOutputs, own: "ignored" });
        const { outputs } = await deploy(() => {
            const service = asyncInferenceOutputs(new pulumi.StackReference(stack));
            const endpoint = service.endpointName;
            const capacity = service.maxCapacity;
            return { endpoint, capacity, place: service.apply(({ region, accountId }) => `${accountId} in ${region}`) };
        });
        expect(outputs).to.deep.equal({ endpoint: serviceOutputs.endpointName, capacity: 4, place: "123456789012 in eu-west-1" });
    });
    it("reads what a service's own program exports: no field of one is unknown to the other", async () => {
        const exported = await deploy(() => new AsyncInference("ocr", { image: "ocr:1" }).outputs);
        expect(await readFrom(exported.outputs)).to.deep.equal(exported.outputs);
        expect(Object.keys(exported.outputs).sort()).to.deep.equal(Object.keys(serviceOutputs).sort());
    });
    it("reads one output of a program that exports several services", async () => {
        expect(await readFrom({ ocr: serviceOutputs, labels: {} }, "ocr")).to.deep.equal(serviceOutputs);
    });
    it("keeps secret what the other stack made secret, and no more: an application's endpoint name must not be hidden", async () => {
        stacks.set(stack, { ...serviceOutputs, kmsKeyArn: secret("arn:of:key"), apiToken: secret("s3cret") });
        const isSecret = async (of) => {
            let asked;
            await deploy(() => {
                asked = pulumi.isSecret(of(asyncInferenceOutputs(new pulumi.StackReference(stack))));
            });
            return asked;
        };
        expect(await isSecret((service) => service.endpointName)).to.equal(false);
        expect(await isSecret((service) => service.kmsKeyArn)).to.equal(true);
        expect(await isSecret((service) => service.apply(({ kmsKeyArn }) => kmsKeyArn))).to.equal(true);
        stacks.set(stack, { ...serviceOutputs, apiToken: secret("s3cret") });
        expect(await isSecret((service) => service.apply(({ endpointName }) => endpointName))).to.equal(false);
    });
    const failures = [
        ["an empty stack", {}, `The stack ${stack} has no outputs: deploy it with \`export = service.outputs\` first.`],
        [
            "an output that does not exist",
            { ocr: serviceOutputs },
            `The output labels of the stack ${stack} has no outputs: deploy it with \`export = service.outputs\` first.`,
            "labels",
        ],
        [
            "a stack of something else",
            { url: "https://example.com", bucketName: "pages" },
            `The stack ${stack} has no output contractVersion, which the outputs of an asynchronous inference have: name the stack of an AsyncInference (it has bucketName, url).`,
        ],
        [
            "outputs that are one output",
            { outputs: serviceOutputs },
            `The stack ${stack} has no output contractVersion, which the outputs of an asynchronous inference have: they are in its output outputs, so name that too (it has outputs).`,
        ],
        [
            "a stack that is older than an output",
            without("kmsKeyArn", "jobTableArn"),
            `The stack ${stack} has no output jobTableArn, kmsKeyArn, as if deployed by an older sagemaker-async-inference than this: update the package there and deploy again.`,
        ],
        [
            "a stack that is older than the contract",
            { contractVersion: 0, endpoint: "ocr" },
            `The stack ${stack} has contractVersion 0 where this sagemaker-async-inference reads 1: update the package there and deploy again.`,
        ],
        [
            "a stack that is newer than this package",
            { ...serviceOutputs, contractVersion: 2 },
            `The stack ${stack} has contractVersion 2 where this sagemaker-async-inference reads 1: update the package here.`,
        ],
        [
            "outputs of another kind, without showing them",
            { ...serviceOutputs, endpointName: { secret: "x" }, maxCapacity: "4" },
            `The stack ${stack} has other outputs than an asynchronous inference: endpointName (object, expected string), maxCapacity (string, expected number).`,
        ],
    ];
    for (const [title, outputs, message, output] of failures) {
        it(`fails with one sentence for ${title}`, async () => {
            expect(await readFrom(outputs, output)).to.equal(message);
        });
    }
});
