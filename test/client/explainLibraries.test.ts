import { expect } from "chai";
import { absent, explainPackages, loadExplainLibraries } from "../../client/explainLibraries";

describe("a package that only explain needs", () => {
  it("is loaded by its name", async () => {
    const libraries = (await loadExplainLibraries()) as Record<string, object>;

    expect(Object.keys(libraries)).to.deep.equal(Object.keys(explainPackages));
    const clients = ["SageMakerClient", "CloudWatchClient", "CloudWatchLogsClient", "ApplicationAutoScalingClient"];
    expect(Object.values(libraries).map((library, index) => (clients[index] as string) in library)).to.deep.equal(Array(4).fill(true));
  });

  it("is known to be missing from what Node, esbuild's and webpack's bundles and Vite say, and from nothing else", () => {
    const said = (message: string, code?: string) => Object.assign(new Error(message), code === undefined ? {} : { code });
    const missing = [
      said("Cannot find package '@aws-sdk/client-sagemaker' imported from /app/main.js", "ERR_MODULE_NOT_FOUND"),
      said("Cannot find module '@aws-sdk/client-sagemaker'", "MODULE_NOT_FOUND"),
      said('Could not resolve "@aws-sdk/client-sagemaker" imported by "sagemaker-async-inference". Is it installed?'),
    ];
    const broken = said("Unexpected token in @aws-sdk/client-sagemaker");

    expect(missing.map(absent)).to.deep.equal([undefined, undefined, undefined]);
    expect(() => absent(broken)).to.throw(broken.message);
  });
});
