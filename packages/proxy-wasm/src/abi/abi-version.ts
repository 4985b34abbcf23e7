/** Which version of the ABI a module speaks. */

/** By the module's marker export. */
export const AbiVersion = { V0_1_0: 10, V0_2_0: 20, V0_2_1: 21 } as const;
export type AbiVersion = (typeof AbiVersion)[keyof typeof AbiVersion];

const MARKERS: Readonly<Record<string, AbiVersion>> = {
  proxy_abi_version_0_1_0: AbiVersion.V0_1_0,
  proxy_abi_version_0_2_0: AbiVersion.V0_2_0,
  proxy_abi_version_0_2_1: AbiVersion.V0_2_1,
};

/** The first marker in export order decides; null without one. Source: proxy-wasm-cpp-host, bytecode_util. */
export function detectAbiVersion(
  exports: readonly WebAssembly.ModuleExportDescriptor[],
): AbiVersion | null {
  for (const { name, kind } of exports) {
    const version = MARKERS[name];
    if (kind === "function" && version !== undefined) return version;
  }
  return null;
}
