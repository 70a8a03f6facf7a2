/** Resolves to the name of the first signal that tells the process to stop: SIGTERM, or SIGINT of a terminal. */
export function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    // For good, not once: without a listener, a second signal would end the process in the middle of its answers.
    for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, resolve);
  });
}
