/** What the code of a failed sub-job says of its server (ECS and BMS API reference, "Error Codes"). */
/** It was off, or on its way there: this sub-job was not the one that stopped it. */
export const FOUND_OFF = new Set(['Ecs.0100', 'BMS.0036', 'BMS.0039'])
/** It was busy: a later try may pass. */
export const BUSY_CODES = new Set(['Ecs.0603', 'Ecs.0100', 'BMS.0035', 'BMS.0037', 'BMS.0212', 'Common.0024'])
