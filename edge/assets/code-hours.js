// @ts-check
/** The hours of the day at which a code can be given: in UTC as they come, in the visitor's own time as they are shown. */

const HOUR_MS = 3_600_000;

/** @param {ParentNode} place */
export function showLocalHours(place) {
  for (const list of place.querySelectorAll('[data-hours]')) {
    if (!(list instanceof HTMLSelectElement)) continue;
    const options = [...list.options].filter((option) => option.value !== '');
    // Moving an option must not change what is chosen.
    const { value } = list;
    for (const { hour, name } of localHours(options.map((option) => Number(option.value)), new Date())) {
      const option = options.find((one) => Number(one.value) === hour);
      if (!option) continue;
      option.textContent = name;
      list.append(option);
    }
    list.value = value;
  }
}

/**
 * Hours of the day in the order of the visitor's own day, as they are called there.
 *
 * @param {number[]} hours in UTC
 * @param {Date} now
 */
export function localHours(hours, now) {
  const today = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate());
  const times = hours.map((hour) => ({ hour, time: new Date(today + hour * HOUR_MS) }));
  times.sort((a, b) => minutes(a.time) - minutes(b.time));
  return times.map(({ hour, time }) => ({
    hour,
    name: time.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' }),
  }));
}

/** @param {Date} time */
function minutes(time) {
  return time.getHours() * 60 + time.getMinutes();
}
