/**
 * Options of Node.js for a process whose embedded databases live for seconds: V8 would compile their WebAssembly a
 * second time, better, which takes longer than all that they are asked.
 */
export const shortLived: readonly string[] = ['--no-wasm-tier-up', '--no-wasm-dynamic-tiering'];
