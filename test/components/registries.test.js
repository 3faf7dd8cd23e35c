import { expect } from "chai";
import { registryAccount } from "../../components/registries";
describe("the account of AWS's images", () => {
    for (const [registry, region, account] of [
        ["deep-learning-containers", "eu-west-1", "763104351884"],
        ["deep-learning-containers", "cn-north-1", "727897471807"],
        ["sagemaker-algorithms", "us-east-1", "683313688378"],
        // Published there by the one registry alone.
        ["deep-learning-containers", "mx-central-1", "637423239942"],
        ["sagemaker-algorithms", "mx-central-1", undefined],
        ["sagemaker-algorithms", "constructor", undefined],
    ]) {
        it(`is ${account} for the ${registry} in ${region}: another's can't be pulled`, () => {
            expect(registryAccount(registry, region)).to.equal(account);
        });
    }
});
