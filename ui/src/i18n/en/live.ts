// A live audit: its state, its recording, its gaps.

export const live = {}
