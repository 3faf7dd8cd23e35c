import { expect } from "chai";
import { leavePromisesWithoutStack, loadAtFirstUse } from "../../../local/deploy/remember";

describe("what a deployment spares Pulumi", () => {
  const variable = "PULUMI_DEBUG_PROMISE_LEAKS";
  const kept = process.env[variable];
  afterEach(() => {
    if (kept === undefined) delete process.env[variable];
    else process.env[variable] = kept;
  });

  /** As Pulumi's own does: keeps a promise with the stack of who made it. */
  const pulumis = () => {
    const candidates: { promise: Promise<unknown>; context: unknown; frames: number }[] = [];
    return {
      candidates,
      debuggablePromise: (promise: Promise<unknown>, context?: unknown) => {
        candidates.push({ promise, context, frames: (new Error().stack ?? "").split("\n").length - 1 });
        return promise;
      },
    };
  };

  it("are the stacks of its promises, not the promises: one that never settles is still named", () => {
    delete process.env[variable];
    const limit = Error.stackTraceLimit;
    const debuggable = pulumis();
    leavePromisesWithoutStack(debuggable);
    const promise = Promise.resolve();

    expect(debuggable.debuggablePromise(promise, "an input")).to.equal(promise);
    expect(debuggable.candidates).to.deep.equal([{ promise, context: "an input", frames: 0 }]);
    expect(Error.stackTraceLimit).to.equal(limit);
  });

  it("is nothing for whoever looks for the line that made a promise", () => {
    process.env[variable] = "1";
    const debuggable = pulumis();
    leavePromisesWithoutStack(debuggable);
    void debuggable.debuggablePromise(Promise.resolve());

    expect(debuggable.candidates[0]?.frames).to.be.above(0);
  });

  it("is the package of its list of packages, until somebody asks for one: then it is there, whole", () => {
    const loaded: string[] = [];
    const arborist = { Arborist: class {}, default: 1 };
    const loader = { _load: (request: string) => (loaded.push(request), arborist as unknown) };
    loadAtFirstUse("@npmcli/arborist", loader);
    const required = loader._load("@npmcli/arborist") as typeof arborist & { __esModule: true };
    loader._load("semver");

    expect([required.__esModule, loaded]).to.deep.equal([true, ["semver"]]);
    expect(required.Arborist).to.equal(arborist.Arborist);
    expect(loaded).to.deep.equal(["semver", "@npmcli/arborist"]);
  });
});
