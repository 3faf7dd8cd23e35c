import { expect } from "chai";
import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { pageDirectory, startConsole, type Console } from "../../../console/server";
import { standInJob, standInService, type StandIn } from "../../../doubles/consoleService";

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

describe("the console keeps strangers out", () => {
  let standIn: StandIn;
  let served: Console;
  const used: string[] = [];
  const key = new Uint8Array(32).fill(7);

  before(async () => {
    standIn = standInService();
    standIn.jobs.push(standInJob("job-1", Date.now()));
    served = await startConsole({
      services: () => [standIn.service],
      key,
      pageDirectory: pageDirectory(),
      version: "1.2.3",
      onAddressUsed: (next) => used.push(next),
    });
  });
  after(() => served.close());

  const own = () => `http://127.0.0.1:${served.port}`;
  const tokenIn = (address: string) => new URL(address).hash.slice("#token=".length);
  const ask = (method: string, path: string, headers: Record<string, string> = {}, body?: string) =>
    new Promise<Answer>((resolve, reject) => {
      const asked = httpRequest({ host: "127.0.0.1", port: served.port, method, path, headers, agent: false }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
        response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
      });
      asked.on("error", reject).end(body);
    });
  const code = ({ status, body }: Answer) => `${status} ${(JSON.parse(body) as { error: { code: string } }).error.code}`;
  const exchange = (token: string, headers: Record<string, string> = {}) =>
    ask("POST", "/api/session", { origin: own(), "content-type": "application/json", ...headers }, JSON.stringify({ token }));
  /** Lets a browser in. */
  const enter = async () => {
    const answer = await exchange(tokenIn(served.address));
    expect(answer.status).to.equal(200);
    const cookie = String(answer.headers["set-cookie"]);
    return {
      cookie: cookie.split(";")[0] as string,
      whole: cookie,
      actionToken: (JSON.parse(answer.body) as { actionToken: string }).actionToken,
    };
  };

  it("lets in one browser per address, by a cookie that no script and no other site can use", async () => {
    const address = served.address;
    const { whole } = await enter();
    const again = await exchange(tokenIn(address));

    expect(new URL(address).hostname).to.equal("127.0.0.1");
    expect(whole.replace(/=[^;]+/, "=…")).to.equal(`console_${served.port}=…; Path=/; HttpOnly; SameSite=Strict; Max-Age=604800`);
    expect(code(again)).to.equal("401 LOCKED");
    expect(again.headers["set-cookie"]).to.equal(undefined);
    expect(used.at(-1)).to.equal(served.address).and.not.equal(address);
  });

  it("says nothing of the service to a browser that was not let in, or whose cookie was changed", async () => {
    const { cookie } = await enter();
    const paths = ["/api/session", "/api/jobs", "/api/jobs/job-1", "/api/jobs/job-1/object/input", "/api/events", "/api/laptop/calls"];
    for (const path of paths) {
      expect(code(await ask("GET", path)), path).to.equal("401 LOCKED");
      expect(code(await ask("GET", path, { cookie: `${cookie.slice(0, -1)}${cookie.endsWith("A") ? "B" : "A"}` })), path).to.equal(
        "401 LOCKED",
      );
    }
    expect((await ask("GET", "/api/jobs", { cookie })).status).to.equal(200);
  });

  it("answers no page under another name: one that leads a name of its own to 127.0.0.1 reads nothing", async () => {
    const { cookie } = await enter();
    for (const host of ["evil.example", `evil.example:${served.port}`, "127.0.0.1", `127.0.0.1:${served.port + 1}`]) {
      expect(code(await ask("GET", "/api/jobs", { cookie, host })), host).to.equal("403 FORBIDDEN");
      expect((await ask("GET", "/", { host })).status, host).to.equal(403);
    }
    expect((await ask("GET", "/api/jobs", { cookie, host: `localhost:${served.port}` })).status).to.equal(200);
  });

  it("does nothing for another site's page, whose requests a browser sends with its origin", async () => {
    const { cookie, actionToken } = await enter();
    const action = { cookie, "x-console-token": actionToken, "content-type": "application/json" };
    for (const origin of ["https://evil.example", "null", `http://127.0.0.1:${served.port + 1}`, `https://127.0.0.1:${served.port}`]) {
      expect(code(await ask("POST", "/api/jobs/job-1/cancel", { ...action, origin }, "{}")), origin).to.equal("403 FORBIDDEN");
      expect(code(await ask("GET", "/api/jobs", { cookie, origin })), origin).to.equal("403 FORBIDDEN");
    }
    expect(code(await ask("POST", "/api/jobs/job-1/cancel", action, "{}"))).to.equal("403 FORBIDDEN");
    expect(code(await ask("GET", "/api/jobs", { cookie, "sec-fetch-site": "cross-site" }))).to.equal("403 FORBIDDEN");
    expect(standIn.cancelled).to.deep.equal([]);
  });

  it("acts by POST only, and only with the page's own token", async () => {
    const { cookie, actionToken } = await enter();
    const other = await enter();
    const headers = { cookie, origin: own(), "content-type": "application/json" };
    const cancel = (more: Record<string, string> = {}, method = "POST") =>
      ask(method, "/api/jobs/job-1/cancel", { ...headers, ...more }, method === "POST" ? "{}" : undefined);

    expect(code(await cancel())).to.equal("403 FORBIDDEN");
    expect(code(await cancel({ "x-console-token": other.actionToken }))).to.equal("403 FORBIDDEN");
    expect(code(await cancel({ "x-console-token": actionToken }, "GET"))).to.equal("404 NOT_FOUND");
    expect(code(await cancel({ "x-console-token": actionToken }, "PUT"))).to.equal("405 BAD_INPUT");
    expect(standIn.cancelled).to.deep.equal([]);
    expect((await cancel({ "x-console-token": actionToken })).status).to.equal(200);
    expect(standIn.cancelled).to.deep.equal(["job-1"]);
  });

  it("has a page without inline script or style, that asks nobody else and stands in no frame", async () => {
    const { headers, body } = await ask("GET", "/");

    expect(headers["content-security-policy"]).to.equal(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; connect-src 'self'; " +
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    expect([
      headers["x-content-type-options"],
      headers["x-frame-options"],
      headers["referrer-policy"],
      headers["cache-control"],
    ]).to.deep.equal(["nosniff", "DENY", "no-referrer", "no-store"]);
    expect(body).to.not.match(/<script(?![^>]*src=)|<style|\son\w+=|https?:/);
  });

  it("hands out what a model wrote as a download, unless it is a picture or a sound", async () => {
    const { cookie } = await enter();
    const types = [
      "text/html",
      "image/svg+xml",
      "application/xhtml+xml",
      "text/plain",
      "application/pdf",
      undefined,
      "image/png",
      "audio/wav",
    ];
    const found: Record<string, string> = {};
    for (const contentType of types) {
      standIn.objects.set("job-1 input", { bytes: Buffer.from("<script>alert(1)</script>"), ...(contentType && { contentType }) });
      const { headers } = await ask("GET", "/api/jobs/job-1/object/input", { cookie });
      expect(headers["x-content-type-options"]).to.equal("nosniff");
      expect(headers["content-security-policy"]).to.equal("default-src 'none'; sandbox; frame-ancestors 'none'");
      found[String(contentType)] = `${headers["content-type"]}, ${String(headers["content-disposition"]).split(";")[0]}`;
    }
    expect(found).to.deep.equal({
      "text/html": "application/octet-stream, attachment",
      "image/svg+xml": "application/octet-stream, attachment",
      "application/xhtml+xml": "application/octet-stream, attachment",
      "text/plain": "application/octet-stream, attachment",
      "application/pdf": "application/octet-stream, attachment",
      undefined: "application/octet-stream, attachment",
      "image/png": "image/png, inline",
      "audio/wav": "audio/wav, inline",
    });
  });

  it("serves no file but the page's", async () => {
    for (const path of ["/../package.json", "/..%2fpackage.json", "/page.js.map", "/server.js", "/api/../package.json"]) {
      expect([401, 404], path).to.include((await ask("GET", path)).status);
    }
  });

  it("goes on with pages that were let in when it is started again with the same key, on the same port, and with no others", async () => {
    const { cookie } = await enter();
    const { port } = served;
    const options = { services: () => [standIn.service], pageDirectory: pageDirectory(), version: "1.2.3", port };
    await served.close();
    served = await startConsole({ ...options, key });
    const same = await ask("GET", "/api/session", { cookie });
    await served.close();
    served = await startConsole({ ...options, key: new Uint8Array(32).fill(8) });
    const other = await ask("GET", "/api/session", { cookie });

    expect([same.status, other.status]).to.deep.equal([200, 401]);
  });

  it("says which part of a list's filter it does not take", async () => {
    const { cookie } = await enter();
    const refused = async (query: string) =>
      (JSON.parse((await ask("GET", `/api/jobs?${query}`, { cookie })).body) as { error: object }).error;

    expect(await refused("state=DONE")).to.deep.include({
      code: "BAD_INPUT",
      message: "state: got DONE, expected OPEN or one of ACCEPTED, INVOKING, SUBMITTED, COMPLETED, FAILED, EXPIRED, CANCELLED",
    });
    expect(await refused("since=soon")).to.deep.include({ message: "since: got soon, expected a time" });
    expect(await refused("cursor=x")).to.deep.include({ message: "cursor: expected what `next` of the part before was" });
    expect(await refused("service=7")).to.deep.include({ message: "service: got 7, expected a number below 1" });
  });
});
