/** Keeps what the program registers, and what came of it. */
export function keepMade({ cloud }, made) {
    for (const [type, resource] of Object.entries(cloud.resources.resources ?? {})) {
        Object.assign(cloud.resources.resources, {
            [type]: {
                create: async (registration) => {
                    const created = await resource.create(registration);
                    made.push({ registration, created });
                    return created;
                },
            },
        });
    }
}
/** Makes a resource as the program did, with other inputs. */
export async function create({ cloud }, registration, name, inputs) {
    const resource = cloud.resources.resources?.[registration.type];
    if (!resource)
        throw new Error(`nobody makes ${registration.type}`);
    return resource.create({ ...registration, name, inputs: { ...inputs } });
}
/** Puts other statements into the place of a role's policy. */
export async function replace(cloud, { registration, created }, policy) {
    await create(cloud, registration, registration.name, { ...registration.inputs, name: created.state["name"], policy });
}
