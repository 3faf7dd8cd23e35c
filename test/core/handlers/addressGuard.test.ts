import * as net from "node:net";
import { expect } from "chai";
import { addressGuard } from "../../../core/handlers/addressGuard";

/** Which of them are refused. */
const refused = (privateAllowed: boolean, addresses: readonly string[]) => {
  const guard = addressGuard(net, privateAllowed);
  return addresses.filter((address) => guard(address) !== undefined);
};

/** The first and last of a network, and their neighbours, in all the ways in which a connection may have them. */
const own = [
  "0.0.0.0",
  "127.0.0.1",
  "127.255.255.255",
  "169.254.169.254",
  "169.254.100.1",
  "224.0.0.1",
  "255.255.255.255",
  "::",
  "::1",
  "::127.0.0.1",
  "::ffff:127.0.0.1",
  "::ffff:7f00:1",
  "::ffff:169.254.169.254",
  "64:ff9b::169.254.169.254",
  "2002:7f00:1::",
  "fd00:ec2::254",
  "fe80::1",
  "fe80::1%eth0",
  "febf::1",
  "ff02::1",
];
const inside = ["10.0.0.0", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1", "100.64.0.1", "fc00::1", "fd12::1"];
const insideMapped = ["::ffff:10.0.0.1", "::ffff:c0a8:1", "64:ff9b::10.0.0.1"];
const outside = [
  "9.255.255.255",
  "11.0.0.0",
  "126.255.255.255",
  "128.0.0.0",
  "172.15.255.255",
  "172.32.0.0",
  "192.167.255.255",
  "169.253.255.255",
  "100.63.255.255",
  "100.128.0.0",
  "223.255.255.255",
  "2606:4700::1111",
  "64:ff9b::9.9.9.9",
  "::ffff:9.9.9.9",
  "2a05:d018::1",
];

describe("the addresses that a webhook may lead to", () => {
  it("are none of the function's own machine, of who gives it credentials, or of all, however they are written", () => {
    for (const privateAllowed of [false, true]) expect(refused(privateAllowed, own)).to.deep.equal(own);
  });

  it("are of a private network only where that is meant", () => {
    expect(refused(false, [...inside, ...insideMapped])).to.deep.equal([...inside, ...insideMapped]);
    expect(refused(true, [...inside, ...insideMapped])).to.deep.equal([]);
  });

  it("are all others, up to the neighbours of what is refused", () => {
    expect(refused(false, outside)).to.deep.equal([]);
  });
});
