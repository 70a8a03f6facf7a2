import type { IncomingHttpHeaders } from 'node:http';
import { BlockList, isIP } from 'node:net';

/** What is known of the connection that a request came over. */
export interface Connection {
  readonly remoteAddress?: string | undefined;
}

const familyOf = (address: string) => (isIP(address) === 6 ? 'ipv6' : 'ipv4');

/** Reads a list of IP addresses and networks such as `10.0.0.0/8`, separated by commas; undefined when it is none. */
export function readNetworks(text: string): BlockList | undefined {
  const networks = new BlockList();
  for (const entry of text.split(',')) {
    const [, address = '', bits] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(entry.trim()) ?? [];
    const largest = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
    const length = Number(bits ?? largest);
    if (largest === -1 || length > largest || address.includes('%')) return undefined;
    networks.addSubnet(address, length, familyOf(address));
  }
  return networks;
}

/** An address as it stands in X-Forwarded-For, without what some proxies add: a port, and brackets. */
function withoutPort(entry: string): string {
  const [, bracketed] = /^\[([^\]]*)\](?::\d+)?$/.exec(entry) ?? [];
  return bracketed ?? entry.replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, '$1');
}

// Which interface a link-local address is of.
const withoutZone = (address: string) => address.replace(/%.*$/, '');

/** An IPv4 address as it is, also one that is written as IPv6; of any other IPv6 address the first 64 bits. */
function networkOf(address: string): string {
  if (isIP(address) !== 6) return address;
  // The URL parser knows every way in which an IPv6 address can be written.
  const shortest = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [, high, low] = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(shortest) ?? [];
  if (high !== undefined && low !== undefined) {
    return [high, low].flatMap((group) => [parseInt(group, 16) >> 8, parseInt(group, 16) & 255]).join('.');
  }
  const [left = [], right] = shortest
    .split('::')
    .map((part) => part.split(':').filter(Boolean)) as string[][];
  const zeros = right === undefined ? [] : Array(8 - left.length - right.length).fill('0');
  return `${[...left, ...zeros, ...(right ?? [])].slice(0, 4).join(':')}::/64`;
}

// More proxies than stand behind one another; to look at so many entries as fit into a header would take long.
const MOST_PROXIES = 32;

/**
 * Whose failures are counted together: the client's IPv4 address, or the /64 network of its IPv6 address, of
 * which one client has as many addresses as it likes. That is where the connection comes from; from a trusted
 * proxy it is what the proxy has put at the end of X-Forwarded-For, and so on while that is a trusted proxy,
 * too. An entry that is no address ends the search at the proxy that sent it, and so does one behind 32 proxies.
 */
export function clientNetwork(
  connection: Connection,
  headers: IncomingHttpHeaders,
  proxies: BlockList,
): string {
  const isTrusted = (address: string) => isIP(address) !== 0 && proxies.check(address, familyOf(address));
  let client = withoutZone(connection.remoteAddress ?? '');
  const entries = isTrusted(client) ? `${headers['x-forwarded-for'] ?? ''}`.split(',') : [];
  for (let hops = 0; hops < MOST_PROXIES && isTrusted(client); hops += 1) {
    const address = withoutZone(withoutPort(entries.pop()?.trim() ?? ''));
    if (isIP(address) === 0) break;
    client = address;
  }
  return networkOf(client);
}
