// Why the absence of a named resource is expected, in the words of `annotations.absent`.

/** All references to it are optional; it exists in some set-ups only; a controller has yet to create it. */
export const absences = ['optional', 'expected', 'pending'] as const;

export type Absence = (typeof absences)[number];
