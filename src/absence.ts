// Why what is named and does not exist is not missed, in the words of `annotations.absent`.

/** All that name it can do without it; only some set-ups of a cluster have it; a controller is still to make it. */
export const absences = ['optional', 'expected', 'pending'] as const;

export type Absence = (typeof absences)[number];
