import { readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv2020 from "ajv/dist/2020";
const names = ["submit-request", "submit-answer", "job", "job-event"];
const validators = new Map();
/** A schema's validator, compiled once per process: one of ours by its file name without `.schema.json`. */
export function validatorOf(name) {
    const known = validators.get(name);
    if (known !== undefined)
        return known;
    const ajv = new Ajv2020({ allErrors: true, strict: true, strictRequired: false, strictTypes: false });
    for (const each of names) {
        ajv.addSchema(JSON.parse(readFileSync(join(process.cwd(), "schemas", `${each}.schema.json`), "utf8")));
    }
    const validator = ajv.getSchema(`${name}.schema.json`);
    validators.set(name, validator);
    return validator;
}
/** What a schema has against a document; none when it conforms. */
export function violations(name, document) {
    const validate = validatorOf(name);
    return validate(document) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}
