// The way into a live audit.

export const watch = {}
