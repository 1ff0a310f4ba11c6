/* One record of each long list, by itself (§3, §10). */

export const RECORD = 40;
export const RESULT = 8;
export const SELECTED = 1;
export const FAMILY_LIMIT = 4;
const EXCLUDED = 1;

/** Whether a roster can have a record with these values. */
export function recordHolds(group, room, pool, status, familyLimit, pools) {
  if (status === EXCLUDED) return group === 0 && room === 0 && pool === 0;
  const fits = group ? room >= 1 && room <= familyLimit : room === familyLimit;
  return status === 0 && pool <= pools && fits;
}

/** Whether 8 bytes are a result that some draw can give. */
export function resultHolds(record, pools) {
  const rank = new DataView(record.buffer, record.byteOffset).getUint32(4);
  const [outcome, pool] = record;
  const ranked = (outcome !== 0) === (rank !== 0);
  const pooled = pool === 0 || (outcome === SELECTED && pool <= pools);
  return record[2] === 0 && record[3] === 0 && outcome <= FAMILY_LIMIT && ranked && pooled;
}
