/** IP addresses as Envoy prints and compares them. */
import type { Address as AddressContract } from "@legate/filter-sdk";

export class Address implements AddressContract {
  readonly ip: string;
  readonly port: number;
  readonly text: string;

  constructor(ip: string, port: number) {
    this.ip = ip;
    this.port = port;
    this.text = ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`;
  }
}

/** Of sockets that are already gone. */
export const NO_ADDRESS = new Address("0.0.0.0", 0);
