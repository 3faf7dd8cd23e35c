import { expect } from "chai";
import { partitionOf } from "../../core/partition";
describe("the partition of a region", () => {
    it("makes ARNs that AWS accepts in China and GovCloud too", () => {
        expect(["eu-central-1", "cn-north-1", "us-gov-west-1"].map(partitionOf)).to.deep.equal(["aws", "aws-cn", "aws-us-gov"]);
    });
});
