import type { Printer } from '../../cli/run-program.ts';

/** Keeps what a program prints. */
export function memoryPrinter() {
  const printed = { out: '', err: '' };
  const printer: Printer = {
    out: (text) => {
      printed.out += text;
    },
    err: (text) => {
      printed.err += text;
    },
  };
  return { printed, ...printer };
}
