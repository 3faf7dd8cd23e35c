/** At most so many of a validator's complaints are reported. */
const toldIssues = 5;
/**
 * A value as a validator has it.
 *
 * @param subject what the value is, as the error begins
 * @throws what `wrong` makes of the validator's complaints, or of what it threw
 */
export async function checkValue(schema, value, subject, wrong) {
    let result;
    try {
        result = await schema["~standard"].validate(value);
    }
    catch (error) {
        throw wrong(`${subject}: the schema failed: ${error instanceof Error ? error.message : String(error)}`, {
            field: subject,
            cause: error,
        });
    }
    if (result.issues === undefined)
        return result.value;
    const told = result.issues.slice(0, toldIssues).map(({ message, path = [] }) => `${pathOf(subject, path)}: ${message}`);
    const more = result.issues.length - told.length;
    throw wrong([...told, ...(more > 0 ? [`and ${more} more`] : [])].join("; "), { field: pathOf(subject, result.issues[0]?.path ?? []) });
}
function pathOf(subject, path) {
    return [subject, ...path.map((step) => String(typeof step === "object" ? step.key : step))].join(".");
}
