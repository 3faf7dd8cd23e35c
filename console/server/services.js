import { refusal } from "./problems";
/** The service that a request names by its place in the list. @throws a refusal when there is none */
export function serviceOf(services, index) {
    const service = services[Number(index ?? 0)];
    if (service !== undefined)
        return service;
    throw refusal(404, "NOT_FOUND", `service: got ${index}, expected a number below ${services.length}`, "Load the page anew.");
}
