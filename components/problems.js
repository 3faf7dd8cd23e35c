/** Problems for people, a line each. */
export function linesOf(problems) {
    return problems.map(({ propertyPath, reason }) => `  ${propertyPath}: ${reason}`);
}
/** Stands for a value that may be secret. */
export const hidden = "a value that is not shown";
/** A value as it is shown to people: short, on one line. */
export function show(value) {
    const text = JSON.stringify(value) ?? String(value);
    return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}
