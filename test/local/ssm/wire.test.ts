import * as ssm from "@aws-sdk/client-ssm";
import { expect } from "chai";
import { VirtualClock } from "../../../local/clock";
import { createSsm } from "../../../local/ssm";
import { startTestCloud, type TestCloud } from "../../support/cloudContext";
import { refusal } from "../../support/refusal";

describe("Parameter Store's API", () => {
  let cloud: TestCloud;
  let client: ssm.SSMClient;

  before(async () => {
    cloud = await startTestCloud({ clock: new VirtualClock(Date.UTC(2026, 0, 25)) });
    cloud.add(createSsm(cloud.context));
    client = new ssm.SSMClient({ ...cloud.client, maxAttempts: 1 });
  });
  after(async () => {
    client.destroy();
    await cloud.close();
  });

  const put = (Name: string, Value: string) =>
    client.send(new ssm.PutParameterCommand({ Name, Value, Type: "SecureString", Overwrite: true }));
  const get = async (Name: string) => {
    const { Parameter } = await client.send(new ssm.GetParameterCommand({ Name, WithDecryption: true }));
    return [Parameter?.Name, Parameter?.Value, Parameter?.Version, Parameter?.Selector];
  };
  const label = (Name: string, ParameterVersion: number | undefined, ...Labels: string[]) =>
    client.send(new ssm.LabelParameterVersionCommand({ Name, Labels, ...(ParameterVersion && { ParameterVersion }) }));

  it("gives the version that a reader names by number or label, of a name or an ARN: a rollback reads what it had", async () => {
    const arn = "arn:aws:ssm:us-east-1:000000000000:parameter/a/key";
    for (const value of ["one", "two", "three"]) await put("/a/key", value);
    expect((await label("/a/key", 1, "prod", "9th", "awsome")).InvalidLabels).to.deep.equal(["9th", "awsome"]);
    expect([await get("/a/key"), await get("/a/key:2"), await get("/a/key:prod"), await get(`${arn}:3`)]).to.deep.equal([
      ["/a/key", "three", 3, undefined],
      ["/a/key", "two", 2, ":2"],
      ["/a/key", "one", 1, ":prod"],
      ["/a/key", "three", 3, ":3"],
    ]);
    const words = (version: string) =>
      `ParameterVersionNotFound: Systems Manager could not find version ${version} of /a/key. Verify the version and try again.`;
    expect([await refusal(get("/a/key:9")), await refusal(get("/a/key:dev")), await refusal(label("/a/key", 9, "dev"))]).to.deep.equal([
      words("9"),
      words("dev"),
      words("9"),
    ]);

    // A label is of one version at a time, and the newest one's when none is named.
    await label("/a/key", undefined, "prod");
    const history = await client.send(new ssm.GetParameterHistoryCommand({ Name: arn, WithDecryption: true }));
    expect(history.Parameters?.map(({ Name, Version, Value, Labels }) => [Name, Version, Value, Labels])).to.deep.equal([
      ["/a/key", 1, "one", []],
      ["/a/key", 2, "two", []],
      ["/a/key", 3, "three", ["prod"]],
    ]);
    const unlabelled = await client.send(
      new ssm.UnlabelParameterVersionCommand({ Name: "/a/key", ParameterVersion: 3, Labels: ["prod", "x"] }),
    );
    expect([unlabelled.RemovedLabels, unlabelled.InvalidLabels, await refusal(get("/a/key:prod"))]).to.deep.equal([
      ["prod"],
      ["x"],
      words("prod"),
    ]);
  });

  it("keeps a hundred versions, and none of them is lost that has a label", async () => {
    for (let version = 1; version <= 101; version++) await put("many", String(version));
    await label("many", 2, "pinned");
    expect([await refusal(get("many:1")), await refusal(put("many", "102"))].map((refused) => refused.split(":")[0])).to.deep.equal([
      "ParameterVersionNotFound",
      "ParameterMaxVersionLimitExceeded",
    ]);
    const tooMany = label("many", 2, ...Array.from({ length: 10 }, (_, index) => `l${index}`));
    expect(await refusal(tooMany)).to.contain("ParameterVersionLabelLimitExceeded");
  });

  it("reads and deletes several at once, below a path too, and names those that it has not", async () => {
    await put("/path/one", "1");
    await put("/path/deep/two", "2");
    const byPath = async (input: Partial<ssm.GetParametersByPathCommandInput>) => {
      const pages = ssm.paginateGetParametersByPath({ client, pageSize: 1 }, { Path: "/path", WithDecryption: true, ...input });
      const found: string[] = [];
      for await (const { Parameters = [] } of pages) found.push(...Parameters.map(({ Name, Value }) => `${Name}=${Value}`));
      return found;
    };
    expect([await byPath({}), await byPath({ Recursive: true, Path: "/path/" })]).to.deep.equal([
      ["/path/one=1"],
      ["/path/one=1", "/path/deep/two=2"],
    ]);
    expect(await refusal(byPath({ Path: "path" }))).to.contain("ValidationException");
    const Names = ["/path/one:1", "/path/one:7", "none"];
    const several = await client.send(new ssm.GetParametersCommand({ Names }));
    expect([several.Parameters?.map(({ Name, Selector }) => [Name, Selector]), several.InvalidParameters]).to.deep.equal([
      [["/path/one", ":1"]],
      ["/path/one:7", "none"],
    ]);
    const described = (Option: string, value: string) => {
      const ParameterFilters = [{ Key: "Name", Option, Values: [value] }];
      return client
        .send(new ssm.DescribeParametersCommand({ ParameterFilters }))
        .then(({ Parameters }) => Parameters?.map(({ Name }) => Name));
    };
    expect([await described("BeginsWith", "/path/d"), await described("Contains", "one")]).to.deep.equal([
      ["/path/deep/two"],
      ["/path/one"],
    ]);
    const deleted = await client.send(new ssm.DeleteParametersCommand({ Names: ["/path/one", "none"] }));
    expect([deleted.DeletedParameters, deleted.InvalidParameters]).to.deep.equal([["/path/one"], ["none"]]);
  });
});
