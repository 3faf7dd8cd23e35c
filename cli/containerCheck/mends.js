import { serverFacts, serverFamilies, variablesFor } from "../../components/serverFamilies";
const nouns = {
  requestBytes: "the size of a request",
  answerBytes: "the size of an answer",
  requestSeconds: "the time of a request",
  loadingSeconds: "the time of loading",
  workers: "the number of workers",
  memory: "the server's own memory",
};
/** What a user without a family may have in front of the model. */
const ownServers = {
  requestBytes: "client_max_body_size (nginx)",
  requestSeconds: "--timeout (gunicorn), proxy_read_timeout (nginx)",
  workers: "--threads (gunicorn)",
};
/** The variables that move a limit: those of the family, or of all that have one. */
export function raise(limit, { family, given }) {
  if (family !== undefined && family !== "own") {
    const { title } = serverFacts(family);
    const variables = variablesFor(family, limit);
    if (variables.length === 0) return `No variable of ${title} is known here that moves ${nouns[limit]}.`;
    return variables
      .map(({ name, value, unset }) => {
        if (given[name] !== undefined) return `The server was started with ${name}=${given[name]}: look for a setting that wins over it.`;
        return `Set ${name}=${value({ maxConcurrentInvocationsPerInstance: 1, containerStartupTimeoutSeconds: 1800 })} (unset: ${unset}).`;
      })
      .join(" ");
  }
  const families = Object.keys(serverFamilies);
  const names = families
    .filter((each) => each !== "own")
    .flatMap((each) => variablesFor(each, limit).map(({ name }) => `${name} (${serverFacts(each).title})`));
  const own = ownServers[limit];
  return `Raise ${nouns[limit]}: ${[...names, ...(own === undefined ? [] : [own])].join(", ")}. --family sets a known server's variables.`;
}
