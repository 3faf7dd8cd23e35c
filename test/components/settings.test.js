import { expect } from "chai";
import { defaults, withDefaults } from "../../components/settings";
import { acceptedBy, adviceOn } from "../../components/describe";
import { problemsWith } from "../../components/valueChecks";
describe("the settings", () => {
    it("accept their own defaults", () => {
        const wrong = Object.entries(defaults).flatMap(([name, value]) => problemsWith(name, value));
        expect(wrong).to.deep.equal([]);
    });
    it("say for each integer what it accepts, with its bounds", () => {
        expect(["maxCapacity", "volumeSizeGb", "logRetentionDays", "protect", "onDoubt"].map((name) => acceptedBy(name))).to.deep.equal([
            "a whole number from 1",
            "a whole number from 1 to 512",
            "one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653",
            "true or false",
            "one of rerun, wait",
        ]);
    });
    it("fill in only what isn't given", () => {
        expect(withDefaults({})).to.deep.equal(defaults);
        expect(withDefaults({ minCapacity: undefined, maxCapacity: 2, image: "ocr:1" })).to.deep.equal({
            ...defaults,
            maxCapacity: 2,
            image: "ocr:1",
        });
    });
    it("advise on a name that is none", () => {
        expect(["maxcapacity", "max_capacity", "volumeSize", "gpu"].map(adviceOn)).to.deep.equal([
            "is not a setting: did you mean maxCapacity?",
            "is not a setting: did you mean maxCapacity?",
            "is not a setting: did you mean volumeSizeGb?",
            "is not a setting: remove it; docs/reference.md lists them",
        ]);
    });
});
