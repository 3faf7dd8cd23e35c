import { acceptedBy, adviceOn } from "./describe";
import { hidden, show } from "./problems";
import { settings } from "./settings";
/** What is wrong with one value by itself. */
export function problemsWith(name, value) {
    if (!Object.hasOwn(settings, name))
        return [{ propertyPath: name, reason: adviceOn(name) }];
    const setting = settings[name];
    return wrongIn(setting, value).map(({ at, got }) => ({
        propertyPath: `${name}${at}`,
        reason: `got ${setting.secret ? hidden : show(got)}, expected ${acceptedBy(name)}`,
    }));
}
function wrongIn(setting, value) {
    const whole = [{ at: "", got: value }];
    switch (setting.type) {
        case "boolean":
            return typeof value === "boolean" ? [] : whole;
        case "integer":
            return fitsInteger(setting, value) ? [] : whole;
        case "string":
            return fitsText(setting, value) && (setting.values?.includes(value) ?? true) ? [] : whole;
        case "strings": {
            if (!Array.isArray(value) || value.length < (setting.minimumItems ?? 0) || value.length > (setting.maximumItems ?? Infinity))
                return whole;
            return value.flatMap((item, index) => (fitsText(setting, item) ? [] : [{ at: `[${index}]`, got: item }]));
        }
        case "map": {
            if (typeof value !== "object" || value === null || Array.isArray(value))
                return whole;
            const items = Object.entries(value);
            if (items.length > (setting.maximumItems ?? Infinity))
                return [{ at: "", got: `${items.length} entries` }];
            return items.flatMap(([key, item]) => (fitsEntry(setting, key, item) ? [] : [{ at: `.${key}`, got: item }]));
        }
    }
}
function fitsInteger({ minimum = -Infinity, maximum = Infinity, orZero, values }, value) {
    if (!Number.isSafeInteger(value))
        return false;
    const number = value;
    return (orZero === true && number === 0) || (number >= minimum && number <= maximum && (values?.includes(number) ?? true));
}
function fitsText({ pattern, maximumLength = Infinity }, value) {
    return typeof value === "string" && (pattern?.test(value) ?? true) && value.length <= maximumLength;
}
function fitsEntry({ pattern, valuePattern, maximumLength = Infinity }, key, value) {
    if (typeof value !== "string")
        return false;
    return (pattern?.test(key) ?? true) && value.length <= maximumLength && (valuePattern?.test(value) ?? true);
}
