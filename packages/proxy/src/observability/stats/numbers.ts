/** Numbers as the C++ libraries behind Envoy's stats print them. */

/** `%g`: at most six digits. */
export function printShort(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (value === 0) return "0";
  const exponent = Math.floor(Math.log10(Math.abs(Number(value.toPrecision(6)))));
  if (exponent >= 6 || exponent < -4) return scientific(Number(value.toPrecision(6)));
  return String(Number(value.toPrecision(6)));
}

/** The shortest of the fixed and the scientific form that reads back exact; fixed if equal. */
export function printShortest(value: number): string {
  if (Number.isNaN(value)) return "null";
  const fixed = String(value);
  const other = scientific(value);
  return other.length < fixed.length ? other : fixed;
}

function scientific(value: number): string {
  const [mantissa, exponent] = value.toExponential().split("e") as [string, string];
  const digits = exponent.slice(1).padStart(2, "0");
  return `${mantissa}e${exponent[0]}${digits}`;
}
