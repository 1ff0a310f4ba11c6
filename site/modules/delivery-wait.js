import { fill, mount, say } from "./page.js";
import { read } from "./public.js";
import { duration, now } from "./times.js";

/** Older figures say nothing of how long a message takes now. */
const STALE = 10 * 60000;

/** How long mails or SMS take at this time, by the public figures; silent when that is not known. */
export class DeliveryWait {
  constructor(element) {
    this.tell(element, element.dataset.channel);
  }

  async tell(element, channel) {
    let told;
    try {
      told = await read("/status/status.json", "no-cache");
    } catch (failure) {
      return;
    }
    const { half_seconds: half, most_seconds: most } = told[channel];
    if (half == null || now() - Date.parse(told.taken_at) > STALE) return;
    fill(element, say(`wait.${channel}`, { half: duration(half * 1000), most: duration(most * 1000) }));
    element.hidden = false;
  }
}

mount("delivery-wait", DeliveryWait);
