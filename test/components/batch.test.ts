import { expect } from "chai";
import { AsyncInference } from "../../components/asyncInference";
import { policyRows } from "../../docs/policies";
import { deploy } from "../../doubles/deploy";

const service = (more: object) => () => new AsyncInference("ocr", { image: "ocr:1", inputBuckets: ["scans"], ...more }).outputs;
const named = ({ type, name }: { type: string; name: string }) => `${type} ${name}`;

describe("batches", () => {
  it("add a function and the engine's role, and change nothing else of a service that has none", async () => {
    const without = (await deploy(service({}))).resources;
    const off = (await deploy(service({ batchEnabled: false }))).resources;
    const on = (await deploy(service({ batchEnabled: true }))).resources;

    expect(off.map(named)).to.deep.equal(without.map(named));
    const added = on.map(named).filter((each) => !without.map(named).includes(each));
    expect(added.sort()).to.deep.equal([
      "aws:cloudwatch/logGroup:LogGroup ocr-batch",
      "aws:iam/role:Role ocr-batch",
      "aws:iam/role:Role ocr-batch-engine",
      "aws:iam/rolePolicy:RolePolicy ocr-batch",
      "aws:iam/rolePolicy:RolePolicy ocr-batch-engine",
      "aws:lambda/function:Function ocr-batch",
    ]);
  });

  it("let the engine invoke the batch function alone, and write its reports alone", async () => {
    const { resources } = await deploy(service({ batchEnabled: true }));
    const rows = policyRows(resources).filter(({ principal }) => principal.startsWith("role ocr-batch-engine"));

    expect(rows.map(({ actions, resources: on }) => [actions.join(), on.length])).to.deep.equal([
      ["lambda:InvokeFunction", 1],
      ["s3:GetObject", 2],
      ["s3:PutInventoryConfiguration", 2],
      ["s3:PutObject", 1],
    ]);
  });
});
