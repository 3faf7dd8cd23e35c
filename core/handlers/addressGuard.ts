type Net = typeof import("node:net");

/** Networks in CIDR notation, by the version of the protocol. */
interface Networks {
  ipv4: readonly string[];
  ipv6: readonly string[];
}

/**
 * Where a machine speaks with itself, with who gives it credentials, with all or with nobody: no receiver is there. IPv6 forms that carry an
 * IPv4 address of unknown meaning are among them. https://www.iana.org/assignments/iana-ipv6-special-registry/
 */
const ownNetworks: Networks = {
  ipv4: ["0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "240.0.0.0/4"],
  ipv6: ["::/96", "64:ff9b:1::/48", "100::/64", "2001::/32", "2002::/16", "fd00:ec2::/32", "fe80::/10", "fec0::/10", "ff00::/8"],
};

/** Networks of somebody's own, which only who is inside reaches. https://www.iana.org/assignments/iana-ipv4-special-registry/ */
const privateNetworks: Networks = {
  ipv4: ["10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.0.0.0/24", "192.168.0.0/16", "198.18.0.0/15"],
  ipv6: ["fc00::/7"],
};

/** Prefix behind which a NAT64 gateway, as VPCs have it, shows IPv4 addresses. */
const nat64 = { prefix: "64:ff9b::", bits: 96 };

/** Why nothing is sent to an IP address; undefined when it may be. */
export type AddressGuard = (address: string) => string | undefined;

/**
 * Judges addresses that a name of somebody else may lead to, whatever it led to before.
 *
 * @param net Node's own: given, since a function requires it in its factory
 * @param privateAllowed whether private networks are meant
 */
export function addressGuard(net: Net, privateAllowed: boolean): AddressGuard {
  const own = listOf(net, ownNetworks);
  const inside = listOf(net, privateNetworks);
  return (given) => {
    // A link-local one may name its interface.
    const [address = ""] = given.split("%");
    const family = net.isIPv6(address) ? "ipv6" : "ipv4";
    if (own.check(address, family)) return `${address} is of the sender's own machine or network`;
    return !privateAllowed && inside.check(address, family) ? `${address} is private, and privateAllowed is not set` : undefined;
  };
}

function listOf(net: Net, { ipv4, ipv6 }: Networks): import("node:net").BlockList {
  const list = new net.BlockList();
  for (const network of ipv4) {
    const [address = "", bits] = network.split("/");
    // It judges by these what is mapped into IPv6 (::ffff:…), too.
    list.addSubnet(address, Number(bits), "ipv4");
    list.addSubnet(nat64.prefix + address, nat64.bits + Number(bits), "ipv6");
  }
  for (const network of ipv6) {
    const [address = "", bits] = network.split("/");
    list.addSubnet(address, Number(bits), "ipv6");
  }
  return list;
}
