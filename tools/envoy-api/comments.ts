/** Comments of the API's sources → plain text, and into descriptors as protobuf compilers expect them. */
import { create } from "@bufbuild/protobuf";
import {
  type DescriptorProto,
  type EnumDescriptorProto,
  type FileDescriptorProto,
  type SourceCodeInfo_Location,
  SourceCodeInfo_LocationSchema,
  SourceCodeInfoSchema,
} from "@bufbuild/protobuf/wkt";

/** Full name (message, field, oneof, enum, value) → comment. */
export type Comments = Readonly<Record<string, string>>;

/** Takes Envoy's documentation markup out: roles, links and `[#...]` notes for its own tools. */
export function cleanComment(text: string): string {
  return text
    .replace(/\[#[a-z-]+:?[^\][]*(?:\[[^\]]*\][^\][]*)*\]/g, "")
    .replace(/:[a-z]+:\s*`([^`<]*?)\s*<[^`>]*>`/g, "$1")
    .replace(/:[a-z]+:\s*`([^`]*)`/g, (_, target: string) =>
      target.replace(/^envoy_v3_api_\w+?_/, ""),
    )
    .replace(/``/g, "`")
    .replace(/`([^`<]+?)\s*<([^`>]+)>`_+/g, "$1 ($2)")
    .replace(
      /^\.\. (\w+)::\s*/gm,
      (_, kind: string) => `${kind[0]!.toUpperCase()}${kind.slice(1)}: `,
    )
    .replace(/[ \t]+$/gm, "")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

/** Gives a file its source info, from which code generators take comments. */
export function addSourceInfo(file: FileDescriptorProto, comments: Comments): void {
  const location: SourceCodeInfo_Location[] = [];
  const add = (name: string, path: readonly number[]) => {
    const text = comments[name];
    if (text === undefined) return;
    const leadingComments = `${text.replace(/^(?=.)/gm, " ")}\n`;
    location.push(
      create(SourceCodeInfo_LocationSchema, { path: [...path], span: [0, 0, 0], leadingComments }),
    );
  };
  const addEnum = (type: EnumDescriptorProto, scope: string, path: readonly number[]) => {
    const name = `${scope}.${type.name}`;
    add(name, path);
    type.value.forEach((value, i) => {
      add(`${name}.${value.name}`, [...path, 2, i]);
    });
  };
  const addMessage = (type: DescriptorProto, scope: string, path: readonly number[]) => {
    const name = `${scope}.${type.name}`;
    add(name, path);
    type.field.forEach((field, i) => {
      add(`${name}.${field.name}`, [...path, 2, i]);
    });
    type.oneofDecl.forEach((oneof, i) => {
      add(`${name}.${oneof.name}`, [...path, 8, i]);
    });
    type.nestedType.forEach((inner, i) => {
      addMessage(inner, name, [...path, 3, i]);
    });
    type.enumType.forEach((inner, i) => {
      addEnum(inner, name, [...path, 4, i]);
    });
  };
  file.messageType.forEach((type, i) => {
    addMessage(type, file.package, [4, i]);
  });
  file.enumType.forEach((type, i) => {
    addEnum(type, file.package, [5, i]);
  });
  file.sourceCodeInfo = create(SourceCodeInfoSchema, { location });
}
