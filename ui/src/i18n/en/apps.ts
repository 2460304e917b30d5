// The apps of an audit.

export const apps = {}
