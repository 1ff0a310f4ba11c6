import { read } from "./public.js";
import { fill, make, say } from "./page.js";

const loaded = {};

/** Three selects that depend on one another: province, regency or city, district. */
export class Regions {
  /** `failed` is told when a list cannot be loaded. */
  constructor(fieldset, failed) {
    const find = (part) => fieldset.querySelector(`select[name$=".${part}"]`);
    this.province = find("province");
    this.regency = find("regency");
    this.district = find("district");
    this.failed = failed;
    this.regencies = {};
    this.province.addEventListener("change", () => this.showRegencies());
    this.regency.addEventListener("change", () => this.showDistricts());
    this.showRegencies();
  }

  async showRegencies() {
    const code = this.province.value;
    try {
      this.regencies = code ? await regenciesOf(code) : {};
    } catch (failure) {
      this.failed(failure);
      return;
    }
    if (this.province.value !== code) return;
    offer(this.regency, Object.entries(this.regencies).map(([own, [name]]) => [own, name]));
    this.showDistricts();
  }

  showDistricts() {
    const [, districts] = this.regencies[this.regency.value] || ["", {}];
    offer(this.district, Object.entries(districts));
  }

  /** The names that were chosen, smallest first. */
  names() {
    const chosen = (select) => select.options[select.selectedIndex].text;
    return [this.district, this.regency, this.province].map(chosen).join(", ");
  }
}

/** Fill a select, keeping what was wanted before its options were there. */
function offer(select, options) {
  const wanted = select.dataset.wanted || select.value;
  fill(select, make("option", { value: "" }, say("js.choose")));
  for (const [value, name] of options) select.append(make("option", { value }, name));
  const known = options.some(([value]) => value === wanted);
  select.value = known ? wanted : "";
  if (known) delete select.dataset.wanted;
}

async function regenciesOf(code) {
  if (!loaded[code]) loaded[code] = await read(`/data/wilayah/${code}.json`);
  return loaded[code];
}
