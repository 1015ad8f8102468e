/**
 * Deaths of an engine in a row, without a result between them, after which its Task is of no use. One line that kills
 * its engine takes three, until it fails; two lines side by side take four.
 */
export const MAX_VAIN_DEATHS = 5;

/** Whether another start of the engine is worth its time. */
export const isWorthStarting = (vainDeaths: number): boolean => vainDeaths < MAX_VAIN_DEATHS;
