import { readFileSync } from "node:fs";
import { expect } from "chai";
import { errorCodes } from "../../../core/records/errors";
import { jobStates } from "../../../core/records/job";
import { dueShardCount, jobTable } from "../../../core/records/table";
describe("the job table's shape", () => {
    const schema = JSON.parse(readFileSync("schemas/job.schema.json", "utf8"));
    it("has only attributes that the published schema describes", () => {
        const nonKeys = Object.values(jobTable.indexes).flatMap((index) => ("nonKeyAttributes" in index ? [...index.nonKeyAttributes] : []));
        const used = [jobTable.hashKey, jobTable.ttlAttribute, ...jobTable.attributes.map(({ name }) => name), ...nonKeys];
        expect(used.filter((name) => !(name in schema.properties))).to.deep.equal([]);
    });
    it("declares each attribute that is a key, as DynamoDB demands, and no other", () => {
        const keys = Object.values(jobTable.indexes).flatMap(({ hashKey, rangeKey }) => [hashKey, rangeKey]);
        expect(jobTable.attributes.map(({ name }) => name).sort()).to.deep.equal([...new Set([jobTable.hashKey, ...keys])].sort());
    });
    it("agrees with the schema on states, codes and shards", () => {
        expect(schema.properties["state"]?.enum).to.deep.equal([...jobStates]);
        expect(schema.$defs.error.properties.code.enum).to.deep.equal([...errorCodes]);
        expect(schema.properties["dueShard"]?.maximum).to.equal(dueShardCount - 1);
    });
});
