// The list of threads. What it shows comes from the server as data (`fresh`, JSON) and is shown as text only.
// What has changed is put in its place; whatever would move rows under somebody's hand waits until he looks away.
export default {
  template: `
    <div class="tl">
      <nav class="tl-views" :aria-label="say.views">
        <a v-for="each in now.quick" :key="each.name" :href="each.url" :aria-current="each.here ? 'page' : null"
           @click="follow($event, each.url)">{{ each.label }}</a>
      </nav>
      <form class="tl-filters" :class="{ 'tl-open': open }" role="search" :aria-label="say.filters" @submit.prevent="look(0)">
        <input class="tl-search" type="search" maxlength="100" autocomplete="off" v-model="typed"
               :aria-label="say.search" :placeholder="say.search" @input="look(350)" @keydown.esc.stop="leaveSearch" />
        <button type="button" class="tl-unfold" :aria-expanded="open" @click="open = !open">{{ say.filters }}</button>
        <label v-for="each in filters" :key="each.name" class="tl-filter">
          <span>{{ each.label }}</span>
          <select :value="now.values[each.name]" @change="ask({ [each.name]: $event.target.value })">
            <option v-for="one in each.options" :key="one[0]" :value="one[0]">{{ one[1] }}</option>
          </select>
        </label>
        <a v-if="now.buyer" class="tl-buyer" :href="now.without_buyer" @click="follow($event, now.without_buyer)"
          >{{ now.buyer }} ×</a>
      </form>
      <div class="tl-bar" role="group" :aria-label="say.acts">
        <span class="tl-count" role="status">{{ picked.length ? fill(say.picked, picked.length) : now.count }}</span>
        <button type="button" class="tl-take" :disabled="!meant.length" @click="act('take')">{{ say.take }}</button>
        <button type="button" class="tl-give" :disabled="!meant.length" @click="act('give')">{{ say.give }}</button>
        <button type="button" class="tl-flag" :disabled="!meant.length" @click="act('flag')">{{ say.flag }}</button>
        <button type="button" class="tl-clear" v-show="picked.length" @click="picked = []">{{ say.clear }}</button>
        <button v-if="news" type="button" class="tl-new" @click="showNew">
          {{ news === 1 ? say.one_new : fill(say.some_new, news) }}</button>
      </div>
      <p v-if="now.hint" class="tl-hint">{{ now.hint }}</p>
      <p v-if="!rows.length" class="tl-empty">{{ now.empty }}</p>
      <table v-else class="tl-table" role="table" :aria-label="say.list" ref="list" @mouseleave="settleSoon"
             @focusout="settleSoon">
        <thead role="rowgroup"><tr role="row">
          <th v-for="(head, name) in say.heads" :key="name" role="columnheader" scope="col" :class="'tl-' + name"
            ><span :class="{ 'tl-hidden': name === 'pick' }">{{ head }}</span></th>
        </tr></thead>
        <tbody role="rowgroup">
          <tr v-for="row in rows" :key="row.id" role="row" class="tl-row" @focusin="here = row.id"
              :class="{ 'tl-here': row.id === here, 'tl-over': row.over, 'tl-picked': picked.includes(row.id) }">
            <td role="cell" class="tl-pick"><label class="tl-check">
              <input type="checkbox" :value="row.id" v-model="picked" @click="backToRow"
                     :aria-label="say.pick.replace('{order}', row.order)" /></label></td>
            <td role="cell" class="tl-order">
              <a class="tl-link" :href="href(row)">{{ row.order }}</a>
              <span v-if="row.buyer">{{ row.buyer }}</span>
              <small v-if="row.goods">{{ row.goods }}</small><small v-if="row.shop">{{ row.shop }}</small></td>
            <td role="cell" class="tl-kind">
              <span>{{ row.kind }}</span>
              <small>{{ row.state }}<template v-if="row.outcome"> · {{ row.outcome }}</template></small>
              <small>{{ say.opened.replace('{at}', row.opened) }}</small>
              <span v-if="row.flag" class="tl-chip" :class="'tl-flag-' + row.flag.colour">{{ row.flag.name }}</span></td>
            <td role="cell" class="tl-last"><template v-if="row.last">
              <small>{{ row.last.who }} · {{ row.last.at }}</small><span class="tl-text" dir="auto">{{ row.last.text }}</span>
            </template></td>
            <td role="cell" class="tl-next" :data-head="say.heads.next"><template v-if="row.next">
              <span>{{ row.next.what }}</span>
              <small v-if="row.next.held">{{ say.held.replace('{why}', row.next.held) }}</small>
              <small v-else>{{ row.next.at }}</small></template></td>
            <td role="cell" class="tl-waits" :data-head="say.heads.waits">
              <template v-if="row.tasks">
                <span :class="{ 'tl-late': row.tasks.late }"><b v-if="row.tasks.urgent" class="tl-late">{{ say.urgent }} · </b
                  >{{ row.tasks.what }}<template v-if="row.tasks.more">, {{ fill(say.more, row.tasks.more) }}</template></span>
                <small v-if="row.tasks.at" :class="{ 'tl-late': row.tasks.late }"
                  >{{ say.by.replace('{at}', row.tasks.at) }}<template v-if="row.tasks.late"> · {{ say.late }}</template></small>
                <small v-if="row.tasks.who">{{ say.with.replace('{name}', row.tasks.who) }}</small>
              </template>
              <small v-if="row.clock" :class="'tl-' + row.clock.how">{{ row.clock.what }} {{ row.clock.at }}<template
                v-if="say[row.clock.how]"> · {{ say[row.clock.how] }}</template></small></td>
            <td role="cell" class="tl-agent">{{ row.agent || "–" }}</td>
          </tr>
        </tbody>
      </table>
      <nav v-if="now.newer || now.older" class="tl-pages" :aria-label="say.pages">
        <a v-if="now.newer" :href="now.newer" @click="follow($event, now.newer)">← {{ say.newer }}</a><span v-else></span>
        <a v-if="now.older" :href="now.older" @click="follow($event, now.older)">{{ say.older }} →</a>
      </nav>
    </div>`,
  props: { fresh: String, say: Object, filters: Array },
  data() {
    const now = JSON.parse(this.fresh);
    return { now, rows: now.rows, held: null, here: "", picked: [], typed: now.values.q, waiting: 0, open: false };
  },
  computed: {
    news() {
      const shown = new Set(this.rows.map((row) => row.id));
      return this.held ? this.held.filter((row) => !shown.has(row.id)).length : 0;
    },
    meant() {
      const shown = this.rows.map((row) => row.id);
      return this.picked.length ? this.picked : shown.filter((id) => id === this.here);
    },
  },
  watch: {
    fresh(text) {
      const next = JSON.parse(text);
      this.now = next;
      if (next.step > (this.step || 0)) return this.replace(next);
      const known = new Map([...next.also, ...next.rows].map((row) => [row.id, row]));
      this.rows = this.rows.map((row) => known.get(row.id) || row);
      this.held = next.rows;
      this.settle();
    },
  },
  mounted() {
    this.step = this.now.step;
    window.addEventListener("popstate", this.back);
    window.addEventListener("scroll", this.settleSoon, { passive: true });
  },
  beforeUnmount() {
    clearTimeout(this.waiting);
    window.removeEventListener("popstate", this.back);
    window.removeEventListener("scroll", this.settleSoon);
  },
  methods: {
    fill: (words, count) => words.replace("{count}", count),
    href: (row) => "/console/thread/" + row.id.split("/").map(encodeURIComponent).join("/"),
    replace(next) {
      this.step = next.step;
      [this.rows, this.held, this.here, this.picked] = [next.rows, null, "", []];
      if (document.activeElement?.classList.contains("tl-search") === false) this.typed = next.values.q;
      if (next.push) history.pushState(history.state, "", next.url);
      window.scrollTo(0, 0);
    },
    busy() {
      const list = this.$refs.list;
      const looked = list && (list.matches(":hover") || list.contains(document.activeElement));
      return window.scrollY > 8 || this.picked.length > 0 || looked;
    },
    settle() {
      if (this.held && !this.busy()) this.showHeld();
    },
    settleSoon() {
      if (this.held) setTimeout(() => this.settle(), 0);
    },
    showHeld() {
      [this.rows, this.held] = [this.held, null];
      this.picked = this.picked.filter((id) => this.rows.some((row) => row.id === id));
      this.$emit("shown");
    },
    showNew() {
      this.showHeld();
      window.scrollTo(0, 0);
      this.$nextTick(() => this.$el.querySelector(".tl-link")?.focus());
    },
    follow(event, url) {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
      event.preventDefault();
      this.typed = new URL(url, location).searchParams.get("q") || "";
      this.$emit("went", { search: url.split("?")[1] || "", push: true });
    },
    back() {
      this.typed = new URLSearchParams(location.search).get("q") || "";
      this.$emit("went", { search: location.search.slice(1), push: false });
    },
    ask(change) {
      const asked = new URLSearchParams(this.now.url.split("?")[1] || "");
      for (const name of ["after", "before"]) asked.delete(name);
      for (const [name, value] of Object.entries(change)) value ? asked.set(name, value) : asked.delete(name);
      this.$emit("went", { search: asked.toString(), push: true });
    },
    look(patience) {
      clearTimeout(this.waiting);
      this.waiting = setTimeout(() => this.typed.trim() !== this.now.values.q && this.ask({ q: this.typed.trim() }), patience);
    },
    leaveSearch(event) {
      if (this.typed) [this.typed] = [""];
      else event.target.blur();
      this.look(0);
    },
    backToRow(event) {
      // so that the keys go on from here after a click of the mouse
      if (event.detail) event.target.closest("tr").querySelector(".tl-link").focus({ preventScroll: true });
    },
    act(what) {
      this.$emit("act", { what, ids: [...this.meant] });
    },
  },
};
