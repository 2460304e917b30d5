export const unseen = {}
