import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
/**
 * Reads Pulumi.yaml and `Pulumi.<stack>.yaml` of the program in `directory`, as the Pulumi CLI does.
 *
 * @param settings by full key, in the place of the stack file's
 * @throws Error naming file and key: a missing file, another runtime than nodejs, an encrypted value
 * (the embedded cloud has no key to read it), a value of another type than Pulumi.yaml declares.
 */
export function readStack(directory, stack, settings = {}) {
    const folder = path.resolve(directory);
    const project = readProject(folder);
    const file = stackFilePath(folder, project.stackConfigDir, stack);
    const written = mapping(readYaml(file)["config"] ?? {}, `${file}: config`);
    const config = {};
    const secretKeys = [];
    for (const [key, value] of Object.entries(written)) {
        refuseSecure(value, key, file);
        config[fullKey(project.name, key)] = text(value);
    }
    Object.assign(config, settings);
    for (const [key, declaration] of Object.entries(project.declared)) {
        declare(fullKey(project.name, key), declaration, config, secretKeys, file);
    }
    return {
        directory: folder,
        project: project.name,
        stack,
        main: path.resolve(folder, project.main ?? "."),
        config,
        secretKeys,
        localSettings: Object.fromEntries(Object.entries(config)
            .filter(([key]) => key.startsWith("local:"))
            .map(([key, value]) => [key.slice("local:".length), value])),
    };
}
function readProject(folder) {
    const file = path.join(folder, "Pulumi.yaml");
    if (!existsSync(file))
        throw new Error(`${folder} is not a Pulumi program: it has no Pulumi.yaml`);
    const content = readYaml(file);
    const name = content["name"];
    if (typeof name !== "string")
        throw new Error(`${file}: name is missing`);
    const runtime = typeof content["runtime"] === "string" ? content["runtime"] : mapping(content["runtime"] ?? {}, `${file}: runtime`)["name"];
    if (runtime !== "nodejs") {
        throw new Error(`${file}: runtime is ${JSON.stringify(runtime)}; the embedded cloud runs programs of the runtime nodejs`);
    }
    return {
        name,
        main: content["main"],
        stackConfigDir: content["stackConfigDir"] ?? ".",
        declared: mapping(content["config"] ?? {}, `${file}: config`),
    };
}
function stackFilePath(folder, stackConfigDir, stack) {
    const directory = path.resolve(folder, stackConfigDir);
    const file = path.join(directory, `Pulumi.${stack}.yaml`);
    if (existsSync(file))
        return file;
    const others = existsSync(directory) && statSync(directory).isDirectory() ? readdirSync(directory) : [];
    const stacks = others.flatMap((name) => /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1] ?? []).sort();
    const known = stacks.length > 0 ? `stacks there: ${stacks.join(", ")}` : "create it, empty when the program needs no settings";
    throw new Error(`no stack ${JSON.stringify(stack)}: ${file} does not exist; ${known}`);
}
function readYaml(file) {
    try {
        return mapping(parse(readFileSync(file, "utf8")) ?? {}, file);
    }
    catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new Error(reason.startsWith(file) ? reason : `${file}: ${reason}`, { cause: error });
    }
}
function mapping(value, subject) {
    if (typeof value === "object" && value !== null && !Array.isArray(value))
        return value;
    throw new Error(`${subject}: got ${JSON.stringify(value)}, expected a mapping`);
}
/** The CLI takes `key`, `project:key` and the old `project:config:key`. */
function fullKey(project, key) {
    const normal = key.replace(/^([^:]+):config:/, "$1:");
    return normal.includes(":") ? normal : `${project}:${normal}`;
}
function text(value) {
    if (value === null)
        return "";
    return typeof value === "string" ? value : JSON.stringify(value);
}
function refuseSecure(value, key, file) {
    if (typeof value !== "object" || value === null)
        return;
    if ("secure" in value) {
        throw new Error(`${file}: ${key} is encrypted (secure:), which the embedded cloud cannot read; give this stack a plain value`);
    }
    for (const [child, nested] of Object.entries(value))
        refuseSecure(nested, `${key}.${child}`, file);
}
function declare(key, declaration, config, secretKeys, file) {
    const declared = (typeof declaration === "object" && declaration !== null && !Array.isArray(declaration) ? declaration : { value: declaration });
    const fallback = declared.default ?? declared.value;
    if (!(key in config)) {
        if (fallback !== undefined)
            config[key] = text(fallback);
        // The CLI asks for every declared key that has a type and no default.
        else if (declared.type !== undefined)
            throw new Error(`${file}: ${key} is missing, and Pulumi.yaml gives it no default`);
    }
    const value = config[key];
    if (value === undefined)
        return;
    if (declared.type !== undefined && !accepted[declared.type](value)) {
        throw new Error(`${file}: ${key} is ${JSON.stringify(value)}; Pulumi.yaml declares type ${declared.type}`);
    }
    if (declared.secret)
        secretKeys.push(key);
}
const accepted = {
    string: () => true,
    integer: (value) => /^-?\d+$/.test(value),
    boolean: (value) => value === "true" || value === "false",
    array: (value) => Array.isArray(json(value)),
    object: (value) => typeof json(value) === "object" && !Array.isArray(json(value)),
};
function json(value) {
    try {
        return JSON.parse(value);
    }
    catch {
        return undefined;
    }
}
