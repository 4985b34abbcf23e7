/** Where each message and field of the loaded configuration came from. */
import type { Message } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import type { Place } from "./problems.ts";

export class SourceMap {
  private readonly messages = new WeakMap<
    object,
    { readonly place: Place; readonly fields: Map<string, Place> }
  >();
  private readonly inner = new WeakMap<object, Message>();

  /** Notes where a message stands; the places of its fields (by proto name) may be added later. */
  rememberPlace(message: object, place: Place, fields: Map<string, Place> = new Map()): void {
    this.messages.set(message, { place, fields });
  }

  rememberUnpacked(any: Any, message: Message): void {
    this.inner.set(any, message);
  }

  /** The message inside an Any that was walked; null for others. */
  unpacked(any: Any): Message | null {
    return this.inner.get(any) ?? null;
  }

  /** The place of a message's field (proto name), or of the message; null for messages made elsewhere. */
  locate(message: object, field: string): Place | null {
    const known = this.messages.get(message);
    if (known === undefined) return null;
    const place = known.fields.get(field);
    if (place !== undefined) return place;
    const { path } = known.place;
    return { ...known.place, path: path === "" ? field : `${path}.${field}` };
  }
}
