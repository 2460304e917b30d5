export const score = {}
